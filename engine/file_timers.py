"""Days in the life of a person file on which a process starts about it (``[file_timers]``).

A region says when, as an expression over the file; whenever the file changes, its timers are
worked out again. A timer that has fired does so again only when its day moved into the future.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.calendar import months_after
from engine.clock import CHINA
from engine.file_record import work_out
from engine.models import PersonFile, Timer
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime

FILE = "file"
#: Person files whose timers are worked out again in one go when a release is activated.
CHUNK = 200
FILES = "files"


def schedule_file_timers(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    file: PersonFile,
    data: Mapping[str, Any],
) -> None:
    """Set, move or drop the timers of a person file after it changed. Harmless when repeated."""
    rules = release.config.file_timers
    if not rules:
        return
    now = runtime.clock.now()
    refs = {_ref(file.id, code): code for code in rules}
    rows = session.execute(
        select(Timer.ref, Timer.due_at, Timer.fired_at).where(
            Timer.kind == FILE, Timer.ref.in_(refs)
        )
    ).all()
    fired = {row.ref for row in rows if row.fired_at is not None}
    waiting = {row.ref: row.due_at for row in rows if row.fired_at is None}
    for ref, code in refs.items():
        due_at = _instant(work_out(runtime, release, rules[code].at, data))
        if due_at is None or (ref in fired and due_at <= now):
            due_at = waiting.get(ref) if ref in fired else None  # a repetition stays
        if waiting.get(ref) != due_at:
            set_file_timer(session, ref, due_at)


def set_file_timer(session: Session, ref: str, due_at: datetime | None) -> None:
    """Give a file its one waiting timer of a kind another time, or none."""
    if due_at is None:
        session.execute(
            delete(Timer).where(Timer.kind == FILE, Timer.ref == ref, Timer.fired_at.is_(None))
        )
        return
    row = insert(Timer).values(kind=FILE, ref=ref, due_at=due_at)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["ref"],
            index_where=(Timer.kind == FILE) & Timer.fired_at.is_(None),
            set_={"due_at": due_at, "queued_at": None},
        )
    )


def next_repetition(due_at: datetime, months: int) -> datetime:
    """When a repeated timer comes again: the same day and hour, some months on."""
    local = due_at.astimezone(CHINA)
    return datetime.combine(months_after(local.date(), months), local.timetz())


def reschedule_files(session: Session, region: str, at: datetime) -> None:
    """Have all that begins by itself in a region worked out again by the worker at an instant."""
    session.add(Timer(kind=FILES, ref=region, due_at=at))


def parse_ref(ref: str) -> tuple[UUID, str]:
    """The person file and the rule a file timer is for."""
    file_id, _, code = ref.partition("/")
    return UUID(file_id), code


def _ref(file_id: UUID, code: str) -> str:
    return f"{file_id}/{code}"


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
