"""Whose data are due to be erased: every case closed long enough ago, and nothing to come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.file_timers import FILE
from engine.models import Case, DataKey, Member, MessageInbox, Person, PersonFile, Timer
from engine.packs.region import RetentionRule
from engine.packs.release import active_release
from engine.retention import kept_until
from engine.runtime import Runtime

#: No rule keeps anything for less than a year: who closed a case since then is not looked at.
SHORTEST = timedelta(days=365)


@dataclass(frozen=True)
class Due:
    """All that is sealed under one key and due: its cases, the last closing, when it fell due."""

    key_id: UUID
    cases: tuple[str, ...]
    closed_at: datetime
    due_at: datetime


def due_erasures(runtime: Runtime) -> list[Due]:
    """List whatever is due by the rules of the regions' active releases, the oldest first."""
    with runtime.reading() as session:
        found = _due(runtime, session, None)
    return sorted(found, key=lambda one: (one.due_at, one.key_id))


def due_erasure(runtime: Runtime, session: Session, key_id: UUID) -> Due | None:
    """Whether what is sealed under a key is due; the command asks with everything locked."""
    return next(iter(_due(runtime, session, key_id)), None)


def _due(runtime: Runtime, session: Session, key_id: UUID | None) -> list[Due]:
    now = runtime.clock.now()
    rows = session.execute(_over(now, key_id)).all()
    rules = {one: retention_of(runtime, session, one) for one in {row.region for row in rows}}
    found = []
    for key, cases in groupby(rows, key=lambda row: row.data_key_id):
        due = _whole(key, list(cases), rules)
        if due is not None and due.due_at <= now and not _to_come(session, key, now):
            found.append(due)
    return found


def _over(now: datetime, key_id: UUID | None) -> Select[UUID, str, str, str, datetime | None]:
    """The cases of every key all of whose cases are closed."""
    keys = (
        select(Case.data_key_id)
        .join(DataKey, DataKey.id == Case.data_key_id)
        .where(DataKey.wrapped.is_not(None))
        .group_by(Case.data_key_id)
        .having(
            func.bool_and(Case.status == "closed"),
            func.max(Case.closed_at) < now - SHORTEST,
        )
    )
    if key_id is not None:
        keys = keys.where(Case.data_key_id == key_id)
    return (
        select(Case.data_key_id, Case.no, Case.region, Case.process, Case.closed_at)
        .where(Case.data_key_id.in_(keys))
        .order_by(Case.data_key_id, Case.id)
    )


def retention_of(runtime: Runtime, session: Session, region: str) -> RetentionRule | None:
    """What a region says today; one out of use says nothing, and so keeps everything."""
    release = active_release(session, region, runtime.clock.now())
    return runtime.releases.get(session, release).config.retention if release else None


def _whole(
    key_id: UUID, cases: Sequence[Any], rules: Mapping[str, RetentionRule | None]
) -> Due | None:
    """One key goes as a whole, on the day of its longest case; never where one has no rule."""
    days = []
    for case in cases:
        rule = rules[case.region]
        if rule is None or case.closed_at is None:
            return None
        days.append(kept_until(rule, case.process, case.closed_at))
    closed = max(case.closed_at for case in cases)
    return Due(key_id, tuple(case.no for case in cases), closed, max(days))


def _to_come(session: Session, key_id: UUID, now: datetime) -> bool:
    """Whether somebody still counts on it: a running batch, a day to come, a message on its way."""
    files = session.scalars(
        select(PersonFile.id)
        .join(Person, Person.id == PersonFile.person_id)
        .where(Person.data_key_id == key_id)
    ).all()
    return bool(session.scalar(select(or_(*_reasons(key_id, files, now)))))


def _reasons(key_id: UUID, ids: Sequence[UUID], now: datetime) -> Iterable[ColumnElement[bool]]:
    own = select(Case.id).where(Case.data_key_id == key_id)
    yield exists().where(Timer.case_id.in_(own), Timer.fired_at.is_(None))
    batch = aliased(Case)
    running = (
        select(Member.position)
        .join(batch, batch.id == Member.batch_id)
        .where(Member.file_id.in_(ids), batch.status == "running")
    )
    yield running.exists()
    texts = [str(one) for one in ids]
    yield exists().where(
        Timer.kind == FILE,
        Timer.fired_at.is_(None),
        func.split_part(cast(Timer.ref, Text), "/", 1).in_(texts),
    )
    yield exists().where(
        MessageInbox.state == "waiting",
        MessageInbox.expires_at > now,
        MessageInbox.business_key.in_(texts),
    )
