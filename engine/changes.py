"""What one command changes, written with two statements however much that is.

A step of a case may end a task, open three others, start calls, clocks and notices. Row by row
that would be a round trip each; collected here, all that ends is one statement and all that begins
is another. Rows travel as JSON, PostgreSQL turns them back into its own types.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import TextClause, inspect, text
from sqlalchemy.orm import Session

from engine.models import Base, DocumentNumber, Item

# everything that may hang on a wait of the process engine, by the wait's token
END = text(
    """
    with passed as (select unnest(cast(:passed as uuid[])) as token),
    dropped as (select unnest(cast(:dropped as uuid[])) as token),
    ended as (select token from passed union all select token from dropped),
    tasks as (
      update work_item set state = case when token in (select token from dropped)
               then 'cancelled' else 'done' end, closed_at = :now, closed_by = :account,
             submit_key = :submit_key, revision = revision + 1
       where token in (select token from ended) and state = 'open' returning id),
    drafts as (delete from draft where work_item_id in (select id from tasks)),
    calls as (
      update service_call set state = 'cancelled', changed_at = :now, finished_at = :now
       where token in (select token from dropped) and finished_at is null
       returning id, attempts, mode),
    clocks as (
      update deadline set ended_at = :now, state = case
               when token in (select token from dropped) then 'cancelled'
               when due_at < :now then 'missed' else 'met' end
       where token in (select token from ended) and ended_at is null),
    timers as (
      delete from timer where case_id = :case and fired_at is null
         and ref in (select token::text from ended)),
    subscriptions as (delete from subscription where token in (select token from ended))
    -- people are told by the list they work from: a work item that closed, a line in a roster
    select id from calls where attempts > 0 and mode = 'api'
    """
)


class Changes:
    """Rows to be written and waits that ended, collected during one command."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Base]] = defaultdict(list)
        self._passed: list[UUID] = []
        self._dropped: list[UUID] = []

    def add(self, *rows: Base) -> None:
        """Insert these rows with the command; an ``Item`` or number replaces its older self."""
        for row in rows:
            if isinstance(row, Item):
                # one statement may touch a row only once: the newest state of an item counts
                kept = self._rows["item"]
                kept[:] = [old for old in kept if cast(Item, old).code != row.code]
            if isinstance(row, DocumentNumber):
                kept = self._rows["document_number"]
                kept[:] = [old for old in kept if cast(DocumentNumber, old).series != row.series]
            self._rows[row.__tablename__].append(row)

    def give_reason(self, code: str, reason: str) -> None:
        """Give the newest change of an item its reason."""
        for row in reversed(self._rows["item"]):
            if isinstance(row, Item) and row.code == code:
                row.reason = row.reason or reason[:400]
                return

    def end(self, token: UUID, *, dropped: bool) -> None:
        """End all that hangs on a wait: task, call, clock, timer, subscription, draft."""
        (self._dropped if dropped else self._passed).append(token)

    def write(
        self,
        session: Session,
        *,
        case_id: UUID,
        now: datetime,
        account: UUID | None,
        submit_key: str | None,
    ) -> list[UUID]:
        """Send both statements. Returns the cancelled calls an agency already knows of."""
        told: list[UUID] = []
        if self._passed or self._dropped:
            told = list(
                session.scalars(
                    END,
                    {
                        "passed": self._passed,
                        "dropped": self._dropped,
                        "now": now,
                        "account": account,
                        "submit_key": submit_key,
                        "case": case_id,
                    },
                )
            )
        if tables := tuple(sorted(name for name, rows in self._rows.items() if rows)):
            session.execute(
                _insert(tables),
                {table: _as_json(self._rows[table]) for table in tables},
            )
        self._rows.clear()
        self._passed, self._dropped = [], []
        return told


@lru_cache
def _columns(table: str) -> tuple[str, ...]:
    model = next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table)
    return tuple(
        c.name for c in model.__table__.columns if c.identity is None and c.computed is None
    )


@lru_cache(512)
def _insert(tables: tuple[str, ...]) -> TextClause:
    """One statement that inserts into all of ``tables``; its text depends on their names only."""
    parts = []
    for table in tables:
        names = ", ".join(_columns(table))
        parts.append(
            f"in_{table} as (insert into {table} ({names}) select {names} "  # noqa: S608
            f"from json_populate_recordset(null::{table}, cast(:{table} as json))"
            f"{_REPLACE.get(table, '')})"
        )
    return text("with " + ",\n".join(parts) + " select 1")


_REPLACE = {
    DocumentNumber.__tablename__: """
      on conflict (region, series, year) do update set last = excluded.last""",
    Item.__tablename__: """
      on conflict (case_id, code) do update set
        state = excluded.state, changed_at = excluded.changed_at, reason = excluded.reason,
        finished_at = excluded.finished_at,
        condition_met_at = coalesce(excluded.condition_met_at, item.condition_met_at),
        round = case when item.state = 'failed' and excluded.finished_at is null
                     then item.round + 1 else item.round end""",
}


def _as_json(rows: Iterable[Base]) -> str:
    return json.dumps([_plain(row) for row in rows], ensure_ascii=False)


def _plain(row: Base) -> dict[str, Any]:
    mapper = inspect(type(row))
    plain = {}
    for column in _columns(row.__tablename__):
        value = getattr(row, mapper.get_property_by_column(row.__table__.c[column]).key)
        default = row.__table__.c[column].default
        if value is None and default is not None:
            value = default.arg(None) if callable(default.arg) else default.arg
            setattr(row, column, value)
        plain[column] = _value(value)
    return plain


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
