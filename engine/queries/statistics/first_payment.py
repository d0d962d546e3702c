"""按时领取: was the first pension paid in the month after retirement, and if not, why (NX-090).

When people retired and were paid stands in sealed sections, so those are opened here, for the
cases of one process begun in the last two years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.clock import at, office_date
from engine.models import Case, CaseSection, DataKey, Deadline, FileSection, ServiceCall, WorkItem
from engine.packs.reports import FirstPayment
from engine.queries.statistics.figures import share
from engine.queries.statistics.scope import Scope
from engine.runtime import Runtime

State = Literal["on_time", "late", "waiting"]
#: Who applies later than this after retirement is no longer looked for.
LOOK_BACK = relativedelta(years=2)


@dataclass(frozen=True)
class Retiree:
    """One who retired: the month due for the first pension, when it was paid, why it was late."""

    case_id: UUID
    no: str
    subject: str
    office: str | None
    retired_on: date
    due_month: date
    paid_on: date | None
    state: State
    cause: str = ""


@dataclass(frozen=True)
class Payments:
    """Those whose first pension was due in a period."""

    retirees: Sequence[Retiree]

    def of(self, state: State) -> list[Retiree]:
        """Those paid on time, late, or whose month is not yet over."""
        return [one for one in self.retirees if one.state == state]

    @property
    def on_time_share(self) -> float | None:
        """Per cent paid on time of those whose month is over or who were paid."""
        on_time, late = len(self.of("on_time")), len(self.of("late"))
        return share(on_time, on_time + late)


def payments(runtime: Runtime, session: Session, scope: Scope, rule: FirstPayment) -> Payments:
    """Tell on time from late for those whose first pension was due in the period."""
    cases = _cases(session, scope, rule)
    dates = _dates(runtime, session, scope, cases, (rule.retired, rule.paid))
    found = []
    for case, _ in cases:
        retired, paid = dates[case.id]
        if retired is None or (paid is None and case.status == "closed"):
            continue  # not decided yet; or it ended in another way
        due = retired.replace(day=1) + relativedelta(months=1)
        over = due + relativedelta(months=1)
        if over <= scope.period.first or due > scope.period.last:
            continue
        state: State = "on_time" if paid and paid < over else "late"
        if paid is None and scope.today < over:
            state = "waiting"
        found.append(
            Retiree(case.id, case.no, case.subject, case.office, retired, due, paid, state)
        )
    causes = _causes(session, scope, {one.case_id: one for one in found if one.state == "late"})
    told = [
        Retiree(**{**vars(one), "cause": causes[one.case_id]}) if one.case_id in causes else one
        for one in found
    ]
    return Payments(sorted(told, key=lambda one: (one.due_month, one.no)))


def _cases(
    session: Session, scope: Scope, rule: FirstPayment
) -> Sequence[tuple[Case, bytes | None]]:
    query = (
        select(Case, DataKey.wrapped)
        .join(DataKey, DataKey.id == Case.data_key_id)
        .where(
            Case.region == scope.config.code,
            Case.process == rule.process,
            Case.started_at >= at(scope.period.first - LOOK_BACK),
        )
    )
    if scope.offices is not None:
        query = query.where(Case.office.in_(sorted(scope.offices)))
    return session.execute(query).all()


def _dates(
    runtime: Runtime,
    session: Session,
    scope: Scope,
    cases: Sequence[tuple[Case, bytes | None]],
    places: Sequence[str],
) -> Mapping[UUID, list[date | None]]:
    """Case → the dates at ``section.field``; whoever was erased has none."""
    names = {place.rpartition(".")[0] for place in places}
    sealed: dict[tuple[UUID | None, str], bytes] = {}
    for table, owner, ids in (
        (CaseSection, CaseSection.case_id, [case.id for case, _ in cases]),
        (FileSection, FileSection.file_id, [case.file_id for case, _ in cases]),
    ):
        newest = (
            select(owner, table.name, table.content_sealed)
            .ext(distinct_on(owner, table.name))
            .where(owner.in_(ids), table.name.in_(names))
            .order_by(owner, table.name, table.version.desc())
        )
        sealed |= {(of, name): content for of, name, content in session.execute(newest)}
    found = {}
    for case, wrapped in cases:
        sections: dict[str, Mapping[str, Any]] = {}
        for name in names if wrapped else ():
            content = sealed.get((case.id, name)) or sealed.get((case.file_id, name))
            if content is not None:
                sections[name] = runtime.keyring.unwrap(wrapped).open_json(bytes(content))
        found[case.id] = [_date(sections, place) for place in places]
    return found


def _date(sections: Mapping[str, Mapping[str, Any]], place: str) -> date | None:
    section, _, name = place.rpartition(".")
    try:
        return date.fromisoformat(str(sections.get(section, {}).get(name))[:10])
    except ValueError:
        return None


def _causes(session: Session, scope: Scope, late: Mapping[UUID, Retiree]) -> Mapping[UUID, str]:
    """Why each was late, as far as the case tells: applied late, more asked for, overdue …"""
    causes: dict[UUID, list[str]] = {case_id: [] for case_id in late}
    if not causes:
        return {}
    ids = list(causes)
    started: Sequence[tuple[UUID, datetime]] = session.execute(
        select(Case.id, Case.started_at).where(Case.id.in_(ids))
    ).all()
    for case_id, moment in started:
        if office_date(moment) >= late[case_id].due_month:
            causes[case_id].append(f"退休次月之后才申报（{office_date(moment)}）")
    shown = func.least(Deadline.due_at, Deadline.legal_due_at)
    for words, query in (
        (
            "曾要求补正：",
            select(WorkItem.case_id, WorkItem.title).where(
                WorkItem.process == "supplement", WorkItem.case_id.in_(ids)
            ),
        ),
        (
            "部门未办理：",
            select(ServiceCall.case_id, func.coalesce(ServiceCall.reason, ServiceCall.title)).where(
                ServiceCall.state == "refused", ServiceCall.case_id.in_(ids)
            ),
        ),
        (
            "超过期限：",
            select(Deadline.case_id, Deadline.title).where(
                Deadline.state.in_(("met", "missed", "running")),
                func.coalesce(Deadline.ended_at, scope.now) > shown,
                Deadline.case_id.in_(ids),
            ),
        ),
    ):
        told: dict[UUID, list[str]] = {}
        for case_id, title in session.execute(query):
            told.setdefault(case_id, []).append(title)
        for case_id, titles in told.items():
            causes[case_id].append(words + "、".join(dict.fromkeys(titles)))
    return {
        case_id: "；".join(found)
        or ("尚未发放" if late[case_id].paid_on is None else "发放晚于退休次月，各环节没有超期")
        for case_id, found in causes.items()
    }
