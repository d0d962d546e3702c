"""Keeping an agency's answer exactly as it came, before anything is done with it."""

from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import jobs
from engine.errors import NotFound
from engine.ids import new_id
from engine.models import Case, DataKey, Feedback, ServiceAttempt, ServiceCall
from engine.runtime import Runtime
from engine.scope import beyond, holding
from engine.sealing import SealingKey

Channel = Literal["reply", "callback", "ask", "file", "manual"]


def store_feedback(
    runtime: Runtime,
    call_id: UUID,
    raw: bytes,
    channel: Channel,
    attempt: int | None = None,
    *,
    defer: bool = True,
) -> UUID:
    """Store an answer and have it read; return the feedback's id.

    Args:
        attempt: the try this answers, when it came back on the same wire; it ends with this.
        defer: leave the reading to a job; a worker that reads it right away needs none, and
            should it die first, a sweep finds the answer.

    Raises:
        NotFound: we never made such a call; nothing was stored.
    """
    with runtime.transaction() as session:
        with beyond(session):  # an agency names its call and has come in by no account
            wrapped = session.execute(
                select(DataKey.wrapped, holding(Case.id))
                .join(Case, Case.data_key_id == DataKey.id)
                .join(ServiceCall, ServiceCall.case_id == Case.id)
                .where(ServiceCall.id == call_id)
            ).one_or_none()
        if wrapped is None:
            raise NotFound("没有这一请求编号。")
        key = runtime.keyring.unwrap(wrapped[0])
        feedback = keep_answer(session, key, call_id, raw, channel, runtime.clock.now())
        if attempt is not None:
            session.execute(
                update(ServiceAttempt)
                .where(ServiceAttempt.call_id == call_id, ServiceAttempt.number == attempt)
                .values(ended_at=feedback.received_at, outcome="answered")
            )
        if defer:
            runtime.queue.defer(session, jobs.APPLY_FEEDBACK, [feedback.id])
        return feedback.id


def keep_answer(
    session: Session, key: SealingKey, call_id: UUID, raw: bytes, channel: Channel, now: datetime
) -> Feedback:
    """Keep an answer as it came, in the caller's transaction."""
    feedback = Feedback(
        id=new_id(),
        call_id=call_id,
        channel=channel,
        raw_sealed=key.seal(raw),
        digest=sha256(raw).digest(),
        received_at=now,
        state="stored",
    )
    session.add(feedback)
    session.flush()
    return feedback


def read_feedback(runtime: Runtime, feedback_id: UUID) -> tuple[UUID, str, bytes] | None:
    """Return (call id, operation, the answer as it came) of a feedback not yet applied."""
    with runtime.reading() as session:
        row = session.execute(
            select(Feedback, ServiceCall.operation, DataKey.wrapped)
            .join(ServiceCall, ServiceCall.id == Feedback.call_id)
            .join(Case, Case.id == ServiceCall.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(Feedback.id == feedback_id, Feedback.state == "stored")
        ).one_or_none()
        if row is None:
            return None
        feedback, operation, wrapped = row
        raw = runtime.keyring.unwrap(wrapped).open(bytes(feedback.raw_sealed))
        return feedback.call_id, operation, raw
