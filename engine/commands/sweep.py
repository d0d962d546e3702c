"""Finding what is due, and what a lost job forgot.

The queue is disposable: everything it should do can be read from our own tables. A sweep may run
anywhere, any number at once; rows another sweep holds are skipped, and every job checks again.
"""

from datetime import datetime, timedelta

from sqlalchemy import Text, case, cast, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from engine import jobs
from engine.models import (
    Feedback,
    MessageInbox,
    ServiceCall,
    SignInSession,
    Subscription,
    Timer,
    Tries,
    Upload,
)
from engine.runtime import Runtime

BATCH = 500
#: Whoever asks where somebody was signed in asks within a month.
SESSIONS_KEPT = timedelta(days=30)


def sweep(runtime: Runtime, *, stalled_after: timedelta = timedelta(seconds=60)) -> int:
    """Defer a job for every due timer and every forgotten call or answer; return how many.

    Due times are compared with the runtime's clock, never the database's.

    Args:
        stalled_after: how long a job may take before it is taken for lost.
    """
    with runtime.transaction() as session:
        now = runtime.clock.now()
        _sign_ins(session)
        return (
            _timers(runtime, session, now, now - stalled_after)
            + _calls(runtime, session, now, now - stalled_after)
            + _feedback(runtime, session, now - stalled_after)
            + _messages(runtime, session)
            + _uploads(runtime, session, now - stalled_after)
        )


def _sign_ins(session: Session) -> None:
    """Forget tries whose window is over, and sessions that ended a month ago.

    By PostgreSQL's clock, as they were written. Rows somebody holds are left for the next sweep.
    """
    over = select(Tries.kind, Tries.key).where(Tries.ends_at <= func.now()).limit(BATCH)
    skipping = over.with_for_update(skip_locked=True)
    session.execute(delete(Tries).where(tuple_(Tries.kind, Tries.key).in_(skipping)))
    old = (
        select(SignInSession.id)
        .where(SignInSession.ends_at < func.now() - SESSIONS_KEPT)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(SignInSession).where(SignInSession.id.in_(old)))


def _timers(runtime: Runtime, session: Session, now: datetime, lost: datetime) -> int:
    due = (
        select(Timer.id)
        .where(
            Timer.fired_at.is_(None),
            Timer.due_at <= now,
            or_(Timer.queued_at.is_(None), Timer.queued_at < lost),
        )
        .order_by(Timer.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(
        update(Timer).where(Timer.id.in_(due)).values(queued_at=now).returning(Timer.id)
    ).all()
    runtime.queue.defer(session, jobs.FIRE_TIMER, ids)
    return len(ids)


def _calls(runtime: Runtime, session: Session, now: datetime, lost: datetime) -> int:
    """Calls nobody tries: forgotten by the queue, or held by a worker that died.

    Whether a dead worker's request arrived is unknown: the agency is asked before anything is
    sent again.
    """
    waits_for_timer = exists().where(
        Timer.detail == cast(ServiceCall.id, Text),
        Timer.case_id == ServiceCall.case_id,
        Timer.fired_at.is_(None),
    )
    stale = (
        select(ServiceCall.id)
        .where(
            ServiceCall.finished_at.is_(None),
            ServiceCall.changed_at < lost,
            or_(
                ServiceCall.state == "sending",
                # one for a roster waits for whoever exports it
                ServiceCall.state.in_(("queued", "unknown"))
                & (ServiceCall.mode.is_(None) | (ServiceCall.mode != "file"))
                & ~waits_for_timer,
            ),
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(ServiceCall)
        .where(ServiceCall.id.in_(stale))
        .values(
            state=case((ServiceCall.state == "queued", "queued"), else_="unknown"),
            changed_at=now,
        )
        .returning(ServiceCall.id)
    ).all()
    ids = [row.id for row in rows]
    runtime.queue.defer(session, jobs.ATTEMPT_CALL, ids)
    return len(ids)


def _feedback(runtime: Runtime, session: Session, lost: datetime) -> int:
    ids = session.scalars(
        select(Feedback.id)
        .where(Feedback.state == "stored", Feedback.received_at < lost)
        .order_by(Feedback.received_at)
        .limit(BATCH)
    ).all()
    runtime.queue.defer(session, jobs.APPLY_FEEDBACK, ids)
    return len(ids)


def _uploads(runtime: Runtime, session: Session, lost: datetime) -> int:
    """Tables whose rows nobody works through any more."""
    ids = session.scalars(
        select(Upload.id).where(
            Upload.confirmed_at.is_not(None),
            Upload.finished_at.is_(None),
            Upload.worked_at < lost,
        )
    ).all()
    runtime.queue.defer(session, jobs.WORK_UPLOAD, ids)
    return len(ids)


def _messages(runtime: Runtime, session: Session) -> int:
    """Messages whose receiver began to wait in the very moment in which they came."""
    ids = session.scalars(
        select(MessageInbox.id)
        .join(
            Subscription,
            (Subscription.message == MessageInbox.message)
            & (Subscription.business_key == MessageInbox.business_key),
        )
        .where(MessageInbox.state == "waiting")
        .limit(BATCH)
    ).all()
    runtime.queue.defer(session, jobs.DELIVER_WAITING, ids)
    return len(ids)
