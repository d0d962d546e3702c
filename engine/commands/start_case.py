"""Starting a case: from a start form, by whoever the region says may start it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.access import Actor
from engine.applications import apply_for
from engine.runtime import Runtime


@dataclass(frozen=True)
class Started:
    """The case that was begun."""

    case_id: UUID
    no: str


def start_case(
    runtime: Runtime,
    region: str,
    process: str,
    answers: Mapping[str, Any],
    actor: Actor,
    channel: str = "网厅",
    channel_code: str | None = None,
    guide_shown: datetime | None = None,
) -> Started:
    """Begin a case and give it its number (JLG-032).

    Args:
        region: region code; the release active now is used for the whole life of the case.
        process: id of a process listed in the region's ``[processes]``.
        answers: JSON object keyed by field of the process's start form.
        channel: how the application came in, as printed on the receipt.
        channel_code: the portal's code for it, a key of ``[channels]``, whose words are then
            printed (JLG-001).
        guide_shown: when the applicant was shown the guide, for the history (JLG-012).

    Raises:
        NotFound: the region takes no cases, or has no such process to start.
        Forbidden: the actor may not start this process (JLG-002/003/057); do not retry.
        Invalid: the start form has mistakes; ``errors`` names the fields.
        Conflict: the region's rules do not apply yet, or the person already has a running case of
            this process; the message names it.
    """
    with runtime.transaction() as session:
        case = apply_for(
            *(runtime, session, region, process, answers, actor),
            channel,
            channel_code,
            guide_shown,
        )
        return Started(case.id, case.no)
