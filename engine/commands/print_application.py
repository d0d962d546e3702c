"""What an applicant said, on paper: to be signed at the window (JL-053)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.access import Actor, may_see
from engine.drafts import newest_draft
from engine.errors import NotFound
from engine.forms import Form, prefill
from engine.models import Case, WorkItem
from engine.open_case import OpenCase
from engine.packs.region import OUTSIDE
from engine.runtime import Runtime


@dataclass(frozen=True)
class Application:
    """The forms of a case's applicant in the order in which they were come to, with answers."""

    case: Case
    person: Mapping[str, Any]
    applicant: Mapping[str, Any]
    forms: Sequence[tuple[Form, Mapping[str, Any]]]


def print_application(runtime: Runtime, case_no: str, actor: Actor) -> Application:
    """Gather all forms of the applicant, drafts included; numbers are in full, so it is noted.

    Raises:
        NotFound: no such case, or not the actor's to see.
    """
    with runtime.transaction() as session:
        found = session.scalar(select(Case).where(Case.no == case_no))
        if found is None or not may_see(actor, found):
            raise NotFound
        case = OpenCase.lock(runtime, session, found.id, actor)
        pack, lanes = case.release.pack, case.config.lanes
        tasks: dict[str, WorkItem] = {}
        for task in session.scalars(
            select(WorkItem)
            .where(WorkItem.case_id == found.id, WorkItem.kind == "user")
            .order_by(WorkItem.opened_at, WorkItem.id)
        ):
            lane = lanes.get(pack.processes[task.process].nodes[task.element].lane or "")
            if lane is not None and lane.role in OUTSIDE and task.state != "cancelled":
                tasks[task.element] = task  # of several rounds the last
        forms = []
        for task in tasks.values():
            form = pack.form(task.form)
            said = case.data.get(task.section)
            if task.state == "open" and (draft := newest_draft(session, task.id)) is not None:
                said = {**(said or {}), **case.key.open_json(bytes(draft.answers_sealed))}
            forms.append((form, prefill(form, case.data, said)))
        case.note("document_opened", "打印申请表，供申请人签字")
        case.save_history()
        who = case.data.get("person") or {}
        return Application(case.case, who, case.data.get("applicant") or {}, forms)
