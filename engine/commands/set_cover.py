"""请假代办: saying who works for somebody on leave, and that they are back."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.clock import office_date
from engine.covers import REASONS, between
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Account, Cover
from engine.runtime import Runtime
from engine.team import stand_ins, team

LONGEST_DAYS = 366


def set_cover(
    runtime: Runtime,
    account_id: UUID,
    by: UUID | None,
    from_day: date | None,
    until_day: date | None,
    reason: str,
    actor: Actor,
) -> UUID:
    """Have a colleague work for somebody from one day until another, both included.

    Staff say so for themselves, supervisors for whoever works where they supervise.

    Args:
        by: the account of a colleague who holds one of the roles of whoever is away.
        reason: one of ``REASONS``; nothing more is kept about why somebody is away.

    Returns:
        The id of the cover.

    Raises:
        NotFound: the account is not the actor's to speak for.
        Invalid: ``errors`` names the fields.
    """
    today = office_date(runtime.clock.now())
    with runtime.transaction() as session:
        if account_id not in _spoken_for(session, actor):
            raise NotFound
        errors = _days(from_day, until_day, today)
        if reason not in REASONS:
            errors["reason"] = "请选择请假原因。"
        if by not in {one.id for one in stand_ins(session, account_id)}:
            errors["by"] = "请选择代办人：须与请假人有相同的岗位。"
        if errors or by is None or from_day is None or until_day is None:
            raise Invalid(errors=errors)
        # in one order, so that two who cover for each other do not wait for ever
        session.scalars(
            select(Account.id)
            .where(Account.id.in_([account_id, by]))
            .order_by(Account.id)
            .with_for_update()
        ).all()
        _require_free(session, account_id, by, from_day, until_day)
        cover = Cover(
            account_id=account_id,
            by_account_id=by,
            from_day=from_day,
            until_day=until_day,
            reason=reason,
            set_by=actor.name[:160],
            set_at=runtime.clock.now(),
        )
        session.add(cover)
        session.flush()
        return cover.id


def end_cover(runtime: Runtime, cover_id: UUID, actor: Actor) -> None:
    """End a cover now, or take one back that has not begun.

    Raises:
        NotFound: no such cover, or not the actor's to end.
        Conflict: it is over already.
    """
    with runtime.transaction() as session:
        cover = session.get(Cover, cover_id, with_for_update=True)
        if cover is None or cover.account_id not in _spoken_for(session, actor):
            raise NotFound
        if cover.ended_at is not None or cover.until_day < office_date(runtime.clock.now()):
            raise Conflict("该代办已经结束。")
        cover.ended_at = runtime.clock.now()


def _spoken_for(session: Session, actor: Actor) -> set[UUID | None]:
    own = actor.account_id if actor.kind == "staff" else None
    return {own, *(one.id for one in team(session, actor))} - {None}


def _days(first: date | None, last: date | None, today: date) -> dict[str, str]:
    if first is None or last is None:
        said = "请填写日期，如 2027-05-06。"
        return {name: said for name, day in (("from", first), ("until", last)) if day is None}
    if first < today:
        return {"from": "开始日期不能早于今天。"}
    if first > today + timedelta(days=LONGEST_DAYS):
        return {"from": "最早可以提前一年登记。"}
    if last < first:
        return {"until": "结束日期不能早于开始日期。"}
    if last > first + timedelta(days=LONGEST_DAYS):
        return {"until": "一次最长登记一年。"}
    return {}


def _require_free(session: Session, account_id: UUID, by: UUID, first: date, last: date) -> None:
    """Nobody is away twice at a time, and nobody covers who is away: work would lie."""
    involved = session.scalars(
        select(Cover).where(
            or_(Cover.account_id.in_([account_id, by]), Cover.by_account_id == account_id),
            between(first, last),
        )
    ).all()
    for one in involved:
        days = f"{one.from_day} 至 {one.until_day}"
        if one.account_id == account_id:
            raise Invalid(errors={"from": f"{days}已登记过请假，请先结束原来的代办。"})
        if one.account_id == by:
            raise Invalid(errors={"by": f"这位同事 {days} 也请假，请选择其他同事。"})
        said = f"请假人 {days} 正在代别人办理，请先改由其他同事代办。"
        raise Invalid(errors={"from": said})
