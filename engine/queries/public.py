"""What anybody may ask for without an account, and how that, or their own case, stands."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import NotFound
from engine.models import Case, CaseSection, DataKey, ServiceCall, WorkItem
from engine.packs.region import ProcessRule
from engine.packs.release import LoadedRelease
from engine.queries.case_page import CasePage, case_page
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class PublicProcess:
    """A process of a region with an entry for everybody."""

    release: LoadedRelease
    process: str
    rule: ProcessRule


@dataclass(frozen=True)
class Standing:
    """How a request stands; ``reason`` is the office's, when it ended."""

    case: Case
    steps: tuple[str, ...]
    reason: str


def public_processes(runtime: Runtime) -> list[PublicProcess]:
    """Everything that can be asked for without an account."""
    return [
        PublicProcess(release, process, rule)
        for release in active_releases(runtime)
        for process, rule in release.config.processes.items()
        if "public" in rule.entries
    ]


def standing(runtime: Runtime, no: str, uscc: str) -> Standing:
    """How the request with this number stands, for whoever knows the code it was made with.

    Raises:
        NotFound: no such request, or another code: which of both is not said.
    """
    with runtime.reading() as session:
        case = session.scalar(select(Case).where(Case.no == no, Case.file_id.is_(None)))
        if case is None:
            raise NotFound
        release = runtime.releases.get(session, case.release_id)
        rule = release.config.processes.get(case.process)
        if rule is None or "public" not in rule.entries:
            raise NotFound
        sections = _sections(runtime, session, case)
        if sections.get(rule.start_form, {}).get("uscc") != uscc:
            raise NotFound
        open_tasks = select(WorkItem.title).where(
            WorkItem.case_id == case.id, WorkItem.state == "open"
        )
        calls = select(ServiceCall.title).where(
            ServiceCall.case_id == case.id, ServiceCall.finished_at.is_(None)
        )
        steps = (*session.scalars(open_tasks), *session.scalars(calls))
        reason = next(
            (one["reason"] for name, one in reversed(sections.items()) if one.get("reason")), ""
        )
        return Standing(case, steps, reason if case.status == "closed" else "")


def own_case(runtime: Runtime, no: str, id_no: str) -> CasePage:
    """The case with this number, for whoever knows the identity number of whom it is about.

    The caller narrows the scope to this one case, and shows how it stands and nothing of what it
    holds.

    Raises:
        NotFound: no such case, or another number: which of both is not said.
    """
    with runtime.reading() as session:
        case = session.scalar(select(Case).where(Case.no == no))
        if case is None or case.file_id is None:
            raise NotFound
        person = _sections(runtime, session, case).get("person", {})
        if not id_no or person.get("id_no") != id_no:
            raise NotFound
        of_whom = Actor(None, "本人", "person", files=frozenset({case.file_id}))
    return case_page(runtime, no, of_whom)


def _sections(runtime: Runtime, session: Session, case: Case) -> dict[str, dict[str, Any]]:
    """The newest content of every section of a case."""
    wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == case.data_key_id))
    if wrapped is None:  # erased: whether the code fits can no longer be said
        raise NotFound
    key = runtime.keyring.unwrap(wrapped)
    rows = session.scalars(
        select(CaseSection).where(CaseSection.case_id == case.id).order_by(CaseSection.version)
    )
    return {row.name: key.open_json(bytes(row.content_sealed)) for row in rows}
