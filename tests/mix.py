"""Cases in every shape figures know of, put into the tables as the engine would have left them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.models import Case, CaseEvent, DataKey, Deadline, Item, Notice, ServiceCall, WorkItem
from tests.stage import Stage

DAY = timedelta(days=1)
_numbers = count(1)


@dataclass(frozen=True)
class Promise:
    """A clock: due so many days after the case began, ended likewise (``None``: still runs)."""

    due: float
    ended: float | None = None
    item: str | None = None
    role: str = "si_clerk"
    paused: bool = False


@dataclass(frozen=True)
class Matter:
    """A joint item: begun and finished so many days after the case began."""

    code: str
    state: str
    begun: float | None = 1
    finished: float | None = None
    round: int = 1


@dataclass(frozen=True)
class Made:
    """A case that began ``age`` days ago."""

    age: float
    process: str = "joint_case"
    office: str | None = None
    accepted: float | None = None
    closed: float | None = None
    items: Sequence[Matter] = ()
    promises: Sequence[Promise] = ()
    supplement: bool = False
    filled_again: bool = False
    subject: str = "张建国"
    agencies: dict[str, str] = field(default_factory=dict)


def put(stage: Stage, cases: Sequence[Made]) -> list[str]:
    """Insert them; return their numbers."""
    with stage.runtime.transaction() as session:
        return [_put(stage, session, made) for made in cases]


def _put(stage: Stage, session: Session, made: Made) -> str:
    release = stage.runtime.releases.active(session, stage.region, stage.clock.now())
    key = DataKey(id=new_id(), wrapped=None)
    session.add(key)
    session.flush()
    begun = stage.clock.now() - made.age * DAY

    def after(days: float) -> datetime:
        return begun + days * DAY

    case = Case(
        id=new_id(),
        no=f"T{next(_numbers):09d}",
        region=stage.region,
        process=made.process,
        title=release.config.processes[made.process].title,
        release_id=release.id,
        data_key_id=key.id,
        subject=made.subject,
        applicant="unit",
        office=made.office,
        offices=[made.office] if made.office else [],
        channel="企业办事",
        status="running" if made.closed is None else "closed",
        outcome_title=None if made.closed is None else "办结",
        started_at=begun,
        closed_at=None if made.closed is None else after(made.closed),
        revision=0,
        event_count=0,
        event_hash=b"",
    )
    session.add(case)
    session.flush()
    kept: list[Any] = []
    if made.accepted is not None:
        notice = {"template": release.config.statistics.accepted[0], "audience": "unit"}
        moment = after(made.accepted)
        kept.append(
            Notice(
                **notice,
                case_id=case.id,
                title="受理",
                body_sealed=b"",
                channel="inbox",
                state="sent",
                created_at=moment,
                sent_at=moment,
            )
        )
    for matter in made.items:
        kept += _item(case, release.config.items[matter.code], matter, after)
    for promise in made.promises:
        kept.append(_clock(case, promise, after))
    if made.supplement:
        kept.append(_event(case, begun))
    if made.filled_again:
        kept += [_task(case, begun, "choose_items") for _ in range(2)]
    session.add_all(kept)
    return case.no


def _item(case: Case, kind: Any, matter: Matter, after: Any) -> list[Any]:
    finished = None if matter.finished is None else after(matter.finished)
    item = Item(
        case_id=case.id,
        code=matter.code,
        title=kind.title,
        agency=kind.agency,
        state=matter.state,
        round=matter.round,
        finished_at=finished,
        changed_at=finished or after(matter.begun or 0),
    )
    if matter.begun is None:
        return [item]
    call = ServiceCall(
        case_id=case.id,
        token=new_id(),
        region=case.region,
        operation=f"{kind.agency}/x",
        agency=kind.agency,
        element="x",
        process="x",
        title=kind.title,
        item=matter.code,
        state="accepted" if finished is None else "succeeded",
        attempts=1,
        request_sealed=b"",
        created_at=after(matter.begun),
        changed_at=after(matter.begun),
        finished_at=finished,
    )
    return [item, call]


def _clock(case: Case, promise: Promise, after: Any) -> Deadline:
    due, ended = after(promise.due), None if promise.ended is None else after(promise.ended)
    done = "missed" if ended and ended > due else "met"
    return Deadline(
        case_id=case.id,
        token=new_id(),
        code="x",
        title="时限",
        item=promise.item,
        role=promise.role,
        budget=5,
        unit="working_days",
        started_at=case.started_at,
        paused_at=case.started_at if promise.paused else None,
        paused_days=0,
        due_at=due,
        provisional=False,
        state="paused" if promise.paused else "running" if ended is None else done,
        ended_at=ended,
    )


def _event(case: Case, at: datetime) -> CaseEvent:
    return CaseEvent(
        case_id=case.id,
        seq=1,
        at=at,
        kind="supplement",
        actor="系统",
        title="需要补正",
        previous=b"",
        hash=b"",
    )


def _task(case: Case, at: datetime, element: str) -> WorkItem:
    return WorkItem(
        case_id=case.id,
        token=new_id(),
        kind="user",
        region=case.region,
        role="unit",
        process=case.process,
        element=element,
        title="填报",
        form="x",
        section="x",
        case_no=case.no,
        subject=case.subject,
        state="done",
        opened_at=at,
        provisional=False,
        closed_at=at,
        revision=0,
    )
