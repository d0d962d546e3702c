"""督办件: the letters to the liaisons of those departments somebody looks after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.access import Actor
from engine.clock import office_date
from engine.exchange import may_exchange
from engine.liaisons import NOBODY, Addressee, Department, liaisons_of
from engine.models import Letter, Liaison
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class LetterLine:
    """A letter, whose department it is for, and to whom it goes (or went, when closed)."""

    letter: Letter
    department: str
    to: Addressee


@dataclass(frozen=True)
class LetterList:
    """One page, newest first; ``after`` leads to the next."""

    rows: Sequence[LetterLine]
    after: str


def letters(
    runtime: Runtime, actor: Actor, *, closed: bool = False, after: str = "", size: int = 50
) -> LetterList:
    """List the letters to the departments the actor looks after, open or closed ones."""
    mine = _departments(runtime, actor)
    if not mine:
        return LetterList((), "")
    query = select(Letter).where(_among(mine)).order_by(Letter.id.desc()).limit(size + 1)
    query = query.where(Letter.closed_at.is_not(None) if closed else Letter.closed_at.is_(None))
    if after:
        try:
            query = query.where(Letter.id < UUID(after))
        except ValueError:
            return LetterList((), "")  # a made-up cursor has no next page
    with runtime.reading() as session:
        rows = session.scalars(query).all()
        today = office_date(runtime.clock.now())
        names = {one: liaisons_of(session, one, today) for one in {row.region for row in rows}}
    lines = [
        LetterLine(row, mine[row.region, Department(row.scope, row.department)], _to(row, names))
        for row in rows[:size]
    ]
    return LetterList(lines, str(rows[size - 1].id) if len(rows) > size else "")


def count_letters(runtime: Runtime, actor: Actor) -> int | None:
    """How many open ones there are; ``None`` for whoever looks after no department."""
    mine = _departments(runtime, actor)
    if not mine:
        return None
    with runtime.reading() as session:
        return session.scalar(select(func.count()).where(Letter.closed_at.is_(None), _among(mine)))


def may_read(runtime: Runtime, actor: Actor, letter: Letter) -> bool:
    """Whether a letter is for a department the actor looks after."""
    department = Department(letter.scope, letter.department)
    return (letter.region, department) in _departments(runtime, actor)


def _departments(runtime: Runtime, actor: Actor) -> Mapping[tuple[str, Department], str]:
    """What the actor looks after: as a liaison, at its desk, in its office, or as administrator."""
    if actor.kind != "staff":
        return {}
    found: dict[tuple[str, Department], str] = {}
    named = _named(runtime, actor)
    for config in (release.config for release in active_releases(runtime)):
        whole = actor.holds("liaison", config.code) or actor.holds("admin", config.code)
        own = {grant.office for grant in actor.grants if grant.region == config.code}
        for code, agency in config.agencies.items():
            one = config.code, Department("agency", code)
            if one in named or may_exchange(actor, config, code):
                found[one] = agency.title
        for code, office in config.offices.items():
            one = config.code, Department("office", code)
            if one in named or whole or code in own:
                found[one] = office.title
    return found


def _named(runtime: Runtime, actor: Actor) -> set[tuple[str, Department]]:
    """The departments whose liaison's own account this is."""
    with runtime.reading() as session:
        ever = session.scalars(
            select(Liaison.region).where(Liaison.account_id == actor.account_id).distinct()
        ).all()
        today = office_date(runtime.clock.now())
        return {
            (region, department)
            for region in ever
            for department, to in liaisons_of(session, region, today).items()
            if to.account_id == actor.account_id
        }


def _among(mine: Mapping[tuple[str, Department], str]) -> ColumnElement[bool]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for region, department in mine:
        grouped.setdefault((region, department.scope), []).append(department.code)
    return or_(
        *(
            and_(Letter.region == region, Letter.scope == scope, Letter.department.in_(codes))
            for (region, scope), codes in sorted(grouped.items())
        )
    )


def _to(row: Letter, names: Mapping[str, Mapping[Department, Addressee]]) -> Addressee:
    if row.closed_at is not None:
        return Addressee(row.addressed_to)
    return names[row.region].get(Department(row.scope, row.department), NOBODY)
