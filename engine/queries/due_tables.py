"""Which tables of people are due to be erased: lists for agencies, and tables taken in.

Each has a key of its own and holds many people. It goes by the shortest of its region's years: so
nobody whose own data were erased is still named in one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, literal, or_, select
from sqlalchemy.orm import Session

from engine.models import DataKey, Exchange, ExchangeLine, ServiceCall, Upload
from engine.queries.retention import SHORTEST, retention_of
from engine.retention import table_kept_until
from engine.runtime import Runtime

#: What kinds of tables are called; a result file answers a list.
TITLES = {
    "exchange": "交换名册",
    "result": "结果文件",
    "roster": "导入的名册",
    "apply": "批量申请表",
}


@dataclass(frozen=True)
class DueTable:
    """A table that is due: what it is, of when, and when it fell due."""

    key_id: UUID
    region: str
    title: str
    made_at: datetime
    due_at: datetime


def due_tables(runtime: Runtime) -> list[DueTable]:
    """List whatever is due by the rules of the regions' active releases, the oldest first."""
    with runtime.reading() as session:
        return sorted(_due(runtime, session, None), key=lambda one: (one.due_at, one.key_id))


def due_table(runtime: Runtime, session: Session, key_id: UUID) -> DueTable | None:
    """Whether the table under a key is due; the command asks with the key locked."""
    return next(_due(runtime, session, key_id), None)


def _due(runtime: Runtime, session: Session, key_id: UUID | None) -> Iterator[DueTable]:
    now = runtime.clock.now()
    rows = [row for query in _over(now, key_id) for row in session.execute(query)]
    rules = {one: retention_of(runtime, session, one) for one in {row[1] for row in rows}}
    for key, region, kind, made_at in rows:
        rule = rules[region]
        if rule is not None and (due_at := table_kept_until(rule, made_at)) <= now:
            assert key is not None  # it was joined by it
            yield DueTable(key, region, TITLES[kind], made_at, due_at)


def _over(now: datetime, key_id: UUID | None) -> Iterator[Select[UUID | None, str, str, datetime]]:
    """Lists all of whose requests are answered or cancelled; tables nobody is at work on."""
    waiting = exists().where(
        ExchangeLine.exchange_id == Exchange.id,
        ServiceCall.id == ExchangeLine.call_id,
        ServiceCall.finished_at.is_(None),
    )
    lists = select(Exchange.data_key_id, Exchange.region, literal("exchange"), Exchange.exported_at)
    yield (
        lists.join(DataKey, DataKey.id == Exchange.data_key_id)
        .where(DataKey.wrapped.is_not(None), Exchange.exported_at < now - SHORTEST, ~waiting)
        .where(*([DataKey.id == key_id] if key_id else []))
    )
    done = or_(Upload.confirmed_at.is_(None), Upload.finished_at.is_not(None))
    taken_in = select(Upload.data_key_id, Upload.region, Upload.purpose, Upload.uploaded_at)
    yield (
        taken_in.join(DataKey, DataKey.id == Upload.data_key_id)
        .where(DataKey.wrapped.is_not(None), Upload.uploaded_at < now - SHORTEST, done)
        .where(*([DataKey.id == key_id] if key_id else []))
    )
