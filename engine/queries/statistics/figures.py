"""The figures: each a name people read and a condition on the rows that are counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Date, Subquery, and_, func, not_, select
from sqlalchemy.orm import Session

from engine.packs.reports import Stretch
from engine.queries.statistics.matters import local_date
from engine.queries.statistics.period import Period
from engine.queries.statistics.scope import Scope


@dataclass(frozen=True)
class Figure:
    """A figure: what people call it, and in one line what it counts."""

    title: str
    what: str
    holds: Callable[[Scope, Any], ColumnElement[bool]]


def _within(period: Period, moment: Any) -> ColumnElement[bool]:
    return and_(moment >= period.begin, moment < period.end)


def _closed(scope: Scope, row: Any) -> ColumnElement[bool]:
    return _within(scope.period, row.ended_at)


FIGURES: Mapping[str, Figure] = {
    "received": Figure(
        "收件",
        "统计期内提出的办件；联办事项为统计期内转到部门的",
        lambda scope, row: _within(scope.period, row.begun_at),
    ),
    "accepted": Figure(
        "受理",
        "统计期内受理的办件",
        lambda scope, row: _within(scope.period, row.accepted_at),
    ),
    "closed": Figure("办结", "统计期内办结的", _closed),
    "on_time": Figure(
        "按期办结",
        "统计期内办结、各部门没有超过期限的",
        lambda scope, row: and_(_closed(scope, row), not_(row.late)),
    ),
    "late": Figure(
        "逾期办结",
        "统计期内办结、有部门超过期限的",
        lambda scope, row: and_(_closed(scope, row), row.late),
    ),
    "running": Figure("在办", "现在正在办理的", lambda scope, row: row.open),
    "overdue": Figure(
        "目前超期",
        "现在已经超过期限、还没有办的",
        lambda scope, row: and_(row.open, row.overdue),
    ),
    "at_risk": Figure(
        "即将到期",
        "今后几个工作日内到期、还没有办的",
        lambda scope, row: and_(row.open, row.at_risk),
    ),
    "joint": Figure(
        "联办办结",
        "统计期内办结、有联办事项进入办理的",
        lambda scope, row: and_(_closed(scope, row), row.joint),
    ),
    "once": Figure(
        "一次办结",
        "选办事项全部终结，没有补正、没有重新填报或再次申请的",
        lambda scope, row: and_(_closed(scope, row), row.once),
    ),
}


@dataclass(frozen=True)
class Count:
    """What was counted: every figure by its name, and the working days of what was closed."""

    received: int = 0
    accepted: int = 0
    closed: int = 0
    on_time: int = 0
    late: int = 0
    running: int = 0
    overdue: int = 0
    at_risk: int = 0
    joint: int = 0
    once: int = 0
    days: int = 0  # of all that was closed together
    timed: int = 0  # of how many of those
    longest: int = 0

    def __add__(self, other: "Count") -> "Count":
        added = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)
        }
        return Count(**{**added, "longest": max(self.longest, other.longest)})

    @property
    def average(self) -> float | None:
        """Working days on average; ``None`` when nothing was closed."""
        return round(self.days / self.timed, 1) if self.timed else None

    @property
    def maximum(self) -> int | None:
        """Working days of the slowest, likewise."""
        return self.longest if self.timed else None

    @property
    def on_time_share(self) -> float | None:
        """Share closed on time in per cent, likewise."""
        return share(self.on_time, self.closed)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return self == Count()


def share(part: int, whole: int) -> float | None:
    """Per cent with one digit; ``None`` of nothing. 100 only when all are in it."""
    if not whole:
        return None
    rounded = round(100 * part / whole, 1)
    return min(rounded, 99.9) if part < whole else rounded


def measure(
    session: Session, scope: Scope, rows: Subquery, keys: Sequence[str] = ()
) -> dict[tuple[Any, ...], Count]:
    """Count every figure at once, by some columns of the rows; in one statement.

    Returns:
        Values of the keys → what was counted, groups in which nothing counts left out.
    """
    columns = [rows.c[key] for key in keys]
    closed = _closed(scope, rows.c)
    asked: list[Any] = [
        func.count().filter(figure.holds(scope, rows.c)) for figure in FIGURES.values()
    ]
    timed = (func.sum(rows.c.days), func.count(rows.c.days), func.max(rows.c.days))
    asked += [func.coalesce(one.filter(closed), 0) for one in timed]
    found = {}
    for row in session.execute(select(*columns, *asked).group_by(*columns)):
        own = Count(*row[len(keys) :])
        if not own.empty:
            found[tuple(row[: len(keys)])] = own
    return found


def by_stretch(
    session: Session,
    rows: Subquery,
    moment: str,
    kind: Stretch,
    stretches: Sequence[Period],
    keys: Sequence[str] = (),
) -> dict[tuple[Any, ...], Count]:
    """Count what had its moment in every week, month …: first day and values of the keys → count.

    Args:
        moment: ``begun_at`` counts as received, ``accepted_at`` as accepted, ``ended_at`` as
            closed with all that is told of what was closed.
    """
    at, columns = rows.c[moment], [rows.c[key] for key in keys]
    # PostgreSQL's weeks begin on Monday, as ours do
    first = func.date_trunc(kind, local_date(at)).cast(Date).label("first")
    asked = [func.count(), func.count().filter(not_(rows.c.late)), func.sum(rows.c.days)]
    asked += [func.count(rows.c.days), func.max(rows.c.days)]
    query = (
        select(first, *columns, *asked)
        .where(at >= stretches[0].begin, at < stretches[-1].end)
        .group_by(first, *columns)
    )
    found = {}
    for row in session.execute(query):
        many, on_time, days, timed, longest = row[1 + len(keys) :]
        found[tuple(row[: 1 + len(keys)])] = {
            "begun_at": Count(received=many),
            "accepted_at": Count(accepted=many),
        }.get(moment) or Count(
            closed=many,
            on_time=on_time,
            late=many - on_time,
            days=days or 0,
            timed=timed,
            longest=longest or 0,
        )
    return found
