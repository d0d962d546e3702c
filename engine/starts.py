"""Cases that begin by themselves: by a message about a person, or because it is time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.clock import at, office_date
from engine.file_record import open_file, work_out
from engine.file_timers import (
    CHUNK,
    FILES,
    next_repetition,
    parse_ref,
    schedule_file_timers,
    set_file_timer,
)
from engine.models import Case, Office, PersonFile, Timer
from engine.new_case import Origin, launch, new_case
from engine.packs.release import LoadedRelease
from engine.retention import is_kept
from engine.runtime import Runtime

CHANNEL = "系统"
START = "start"
STARTS = "starts"


def start_by_message(
    runtime: Runtime, session: Session, message: str, key: str, sender_id: UUID | None = None
) -> UUID | None:
    """Open a case whose process begins with this message, about the person file ``key``.

    Args:
        sender_id: the case that sent it; the new case belongs to it.

    Returns:
        The case's id; ``None`` when no process of the person's region begins with it.
    """
    try:
        file = session.get(PersonFile, UUID(key))
    except ValueError:
        return None
    if file is None:
        return None
    release = runtime.releases.active(session, file.region, runtime.clock.now())
    process = release.pack.message_starts.get(message)
    if process is None:
        return None
    origin = Origin("收到消息", parent_id=sender_id)
    return _open(runtime, session, release, process, file, origin)


def start_by_timer(runtime: Runtime, session: Session, timer: Timer) -> None:
    """Open the cases a start timer is for, and set the timer for the next time.

    After a standstill there is one catch-up, not one case for every time that was missed.
    The caller holds the timer's row.
    """
    region, process = timer.ref.split("/")
    release = runtime.releases.active(session, region, runtime.clock.now())
    if process in release.pack.timer_starts:
        for office in _offices_of(runtime, session, release, process):
            _open(runtime, session, release, process, None, Origin("到期", office=office))
    schedule_starts(runtime, session, release)


def start_by_file_timer(runtime: Runtime, session: Session, timer: Timer) -> None:
    """Open the case a person file's timer is for, unless the region no longer wants it.

    Nothing is opened while the person has a running case of that process.
    """
    file_id, code = parse_ref(timer.ref)
    file = session.get_one(PersonFile, file_id)
    release = runtime.releases.active(session, file.region, runtime.clock.now())
    rule = release.config.file_timers.get(code)
    if rule is None:
        return
    if not work_out(runtime, release, rule.when, open_file(runtime, session, file)):
        return
    running = session.scalar(
        select(Case.id)
        .where(Case.file_id == file_id, Case.process == rule.starts, Case.status == "running")
        .limit(1)
    )
    if running is None:
        _open(runtime, session, release, rule.starts, file, Origin(rule.title, trigger=code))
    if rule.repeat_months:
        set_file_timer(session, timer.ref, next_repetition(timer.due_at, rule.repeat_months))


def reschedule_some(runtime: Runtime, session: Session, timer: Timer) -> None:
    """Work out what begins by itself in a region with the release that is active now.

    Person files are many: some at a time, and a further timer goes on behind them.
    """
    release = runtime.releases.active(session, timer.ref, runtime.clock.now())
    if timer.detail is None:
        schedule_starts(runtime, session, release)
    query = select(PersonFile).where(PersonFile.region == timer.ref, is_kept())
    if timer.detail:
        query = query.where(PersonFile.id > UUID(timer.detail))
    files = session.scalars(query.order_by(PersonFile.id).limit(CHUNK)).all()
    for file in files:
        schedule_file_timers(runtime, session, release, file, open_file(runtime, session, file))
    if len(files) == CHUNK:
        rest = Timer(kind=FILES, ref=timer.ref, detail=str(files[-1].id), due_at=timer.due_at)
        session.add(rest)


def schedule_starts(runtime: Runtime, session: Session, release: LoadedRelease) -> None:
    """Set a timer for every process of a release that starts by itself and has none yet.

    An expression that gives no time to come (a day of this month that is over) is asked again
    tomorrow.
    """
    region = release.config.code
    now = runtime.clock.now()
    for process, expression in release.pack.timer_starts.items():
        ref = f"{region}/{process}"
        if _waiting(session, START, ref):
            continue
        due_at = _next(runtime, release, expression)
        if due_at > now:
            session.add(Timer(kind=START, ref=ref, due_at=due_at, set_at=now))
        elif not _waiting(session, STARTS, region):
            tomorrow = at(office_date(now) + timedelta(days=1))
            session.add(Timer(kind=STARTS, ref=region, due_at=tomorrow))
        session.flush()


def reschedule_starts(runtime: Runtime, session: Session, timer: Timer) -> None:
    """Ask again when the processes of a region that start by themselves are next due."""
    release = runtime.releases.active(session, timer.ref, runtime.clock.now())
    schedule_starts(runtime, session, release)


def _waiting(session: Session, kind: str, ref: str) -> bool:
    query = select(Timer.id).where(Timer.kind == kind, Timer.ref == ref, Timer.fired_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def move_starts(runtime: Runtime, session: Session, release: LoadedRelease) -> None:
    """Work out the waiting start timers of a region again, for the instant they were set at."""
    prefix = f"{release.config.code}/"
    for timer in session.scalars(
        select(Timer).where(
            Timer.kind == START, Timer.ref.startswith(prefix), Timer.fired_at.is_(None)
        )
    ):
        expression = release.pack.timer_starts.get(timer.ref.removeprefix(prefix))
        if expression is not None and timer.set_at is not None:
            value = work_out(runtime, release, expression, {}, timer.set_at)
            due_at = datetime.fromisoformat(value)
            if due_at != timer.due_at:
                timer.due_at, timer.queued_at = due_at, None


def _next(runtime: Runtime, release: LoadedRelease, expression: str) -> datetime:
    return datetime.fromisoformat(work_out(runtime, release, expression, {}))


def _offices_of(
    runtime: Runtime, session: Session, release: LoadedRelease, process: str
) -> Sequence[str | None]:
    """The offices a process begins in by itself: all of its kind, or none in particular."""
    rule = release.config.processes.get(process)
    if rule is None or not rule.per_office:
        return [None]
    today = office_date(runtime.clock.now())
    return session.scalars(
        select(Office.code)
        .where(
            Office.region == release.config.code,
            func.strpos(func.concat(" ", Office.kind, " "), f" {rule.per_office} ") > 0,
            or_(Office.valid_from.is_(None), Office.valid_from <= today),
            or_(Office.valid_to.is_(None), Office.valid_to >= today),
        )
        .order_by(Office.code)
    ).all()


def _open(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    process: str,
    file: PersonFile | None,
    origin: Origin,
) -> UUID:
    opened = new_case(
        runtime, session, release, process, SYSTEM, file=file, channel=CHANNEL, origin=origin
    )
    opened.note("started", f"{origin.why}，自动开始：{opened.case.title}")
    launch(opened)
    return opened.case.id
