"""Cases that begin by themselves: by a message about a person, or because it is time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.expressions import evaluate
from engine.functions import case_functions
from engine.models import PersonFile, Timer
from engine.new_case import launch, new_case
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime

CHANNEL = "系统"
START = "start"


def start_by_message(runtime: Runtime, session: Session, message: str, key: str) -> UUID | None:
    """Open a case whose process begins with this message, about the person file ``key``.

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
    return _open(runtime, session, release, process, file, "收到消息")


def start_by_timer(runtime: Runtime, session: Session, timer: Timer) -> UUID:
    """Open the case a start timer is for, and set the timer for the next one.

    After a standstill there is one catch-up, not one case for every time that was missed.
    The caller holds the timer's row.
    """
    region, process = timer.ref.split("/")
    release = runtime.releases.active(session, region, runtime.clock.now())
    case_id = _open(runtime, session, release, process, None, "到期")
    schedule_starts(runtime, session, release)
    return case_id


def schedule_starts(runtime: Runtime, session: Session, release: LoadedRelease) -> None:
    """Set a timer for every process of a release that starts by itself and has none yet."""
    region = release.config.code
    for process, expression in release.pack.timer_starts.items():
        ref = f"{region}/{process}"
        waiting = session.scalar(
            select(Timer.id).where(Timer.kind == START, Timer.ref == ref, Timer.fired_at.is_(None))
        )
        if waiting is None:
            due_at = _next(runtime, release, expression)
            session.add(Timer(kind=START, ref=ref, due_at=due_at))
            session.flush()


def _next(runtime: Runtime, release: LoadedRelease, expression: str) -> datetime:
    calendar = runtime.calendars[release.config.calendar]
    functions = case_functions(release.config, calendar, runtime.clock.now(), {})
    return datetime.fromisoformat(evaluate(expression, {}, functions))


def _open(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    process: str,
    file: PersonFile | None,
    why: str,
) -> UUID:
    opened = new_case(runtime, session, release, process, SYSTEM, file=file, channel=CHANNEL)
    opened.note("started", f"{why}，自动开始：{opened.case.title}")
    launch(opened)
    return opened.case.id
