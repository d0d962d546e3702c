"""请假代办: who works for whom today.

A cover adds no right: whoever covers does only what their own roles allow, and is asked as
themselves whether they may (``engine.access``, ``engine.other_hands``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import AlreadyClaimed
from engine.models import Account, Cover, WorkItem

#: What a line of a history holds of whoever did something.
LONGEST_NAME = 80

REASONS = ("年休假", "病假", "事假", "出差", "培训", "其他")


class Away(NamedTuple):
    """Somebody is away, until this day, and who works for them."""

    until: date
    by: str


def between(first: date, last: date) -> ColumnElement[bool]:
    """Which covers were not ended and hold on one of these days, as a condition on ``cover``."""
    return and_(Cover.ended_at.is_(None), Cover.from_day <= last, Cover.until_day >= first)


def covered(session: Session, account_id: UUID | None, today: date) -> Mapping[UUID, str]:
    """Whom an account works for today, by id: their names."""
    rows = session.execute(
        select(Account.id, Account.name)
        .join(Cover, Cover.account_id == Account.id)
        .where(Cover.by_account_id == account_id, between(today, today))
        .order_by(Account.name, Account.id)
    )
    return dict(rows.all())


def away(session: Session, accounts: Iterable[UUID], today: date) -> Mapping[UUID, Away]:
    """Who of some accounts is away today."""
    rows = session.execute(
        select(Cover.account_id, Cover.until_day, Account.name)
        .join(Account, Account.id == Cover.by_account_id)
        .where(Cover.account_id.in_(list(accounts)), between(today, today))
    )
    return {account_id: Away(until, by) for account_id, until, by in rows}


def in_place_of(session: Session, task: WorkItem, actor: Actor, today: date) -> Actor:
    """The actor as histories name them when they do a task that somebody else may hold.

    Raises:
        AlreadyClaimed: a colleague holds it whom the actor does not cover for today.
    """
    if task.claimed_by is None or task.claimed_by == actor.account_id:
        return actor
    absent = covered(session, actor.account_id, today).get(task.claimed_by)
    if absent is None:
        raise AlreadyClaimed
    return replace(actor, name=f"{actor.name}代{absent}"[:LONGEST_NAME])


def at_whose_desk(session: Session, task: WorkItem, actor: Actor, today: date) -> UUID | None:
    """Whose the drafts are that the actor writes for a task: those of the holder they cover for."""
    if task.claimed_by is None or task.claimed_by == actor.account_id or actor.kind != "staff":
        return actor.account_id
    absent = task.claimed_by in covered(session, actor.account_id, today)
    return task.claimed_by if absent else actor.account_id
