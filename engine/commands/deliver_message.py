"""Delivering a message to the one case that waits for it."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.access import SYSTEM, Actor
from engine.advance import advance
from engine.errors import Conflict
from engine.messages import KEEP_MESSAGE
from engine.models import MessageInbox, Subscription
from engine.open_case import OpenCase
from engine.runtime import Runtime
from engine.starts import start_by_message

Delivered = Literal["delivered", "waiting", "duplicate", "expired"]


def deliver_message(
    runtime: Runtime, message: str, business_key: str, message_id: str, actor: Actor = SYSTEM
) -> Delivered:
    """Deliver a message by name and business key; one that came early waits in the inbox.

    Args:
        business_key: id of a person file or of a case, never an identity number.
        message_id: the sender's name for this very message; a repeat changes nothing.

    Raises:
        Conflict: more than one case waits for it; nothing was delivered.
    """
    with runtime.transaction() as session:
        now = runtime.clock.now()
        inbox_id = session.scalar(
            insert(MessageInbox)
            .values(
                message_id=message_id,
                message=message,
                business_key=business_key,
                received_at=now,
                expires_at=now + KEEP_MESSAGE,
                state="waiting",
            )
            .on_conflict_do_nothing()
            .returning(MessageInbox.id)
        )
    if inbox_id is None:
        return "duplicate"
    return deliver_waiting_message(runtime, inbox_id, actor)


def deliver_waiting_message(runtime: Runtime, inbox_id: UUID, actor: Actor = SYSTEM) -> Delivered:
    """Deliver a message of the inbox if its receiver waits by now."""
    with runtime.transaction() as session:
        inbox = session.get_one(MessageInbox, inbox_id)
        receivers = session.scalars(
            select(Subscription).where(
                Subscription.message == inbox.message,
                Subscription.business_key == inbox.business_key,
            )
        ).all()
        if len(receivers) > 1:
            raise Conflict("有多个办件在等待同一消息，未投递，请联系管理员。")
        if not receivers:
            return _start(runtime, session, inbox)
        case = OpenCase.lock(runtime, session, receivers[0].case_id, actor)
        # with the case locked: is the wait still there, and is the message still undelivered?
        session.refresh(inbox)
        subscription = session.get(Subscription, receivers[0].token, populate_existing=True)
        if inbox.state != "waiting":
            return "duplicate"
        if subscription is None:
            return "waiting"
        inbox.state, inbox.case_id = "delivered", case.case.id
        case.note("message", f"收到消息：{MESSAGES.get(inbox.message, inbox.message)}")
        advance(case, case.instance.deliver(subscription.token))
        case.save()
        return "delivered"


def _start(runtime: Runtime, session: Session, inbox: MessageInbox) -> Delivered:
    """Nobody waits: a process of the person's region may begin with it, else it is kept."""
    # locked, so that two workers do not both open a case for it
    session.refresh(inbox, with_for_update=True)
    if inbox.state != "waiting":
        return "duplicate"
    case_id = start_by_message(runtime, session, inbox.message, inbox.business_key, inbox.sender_id)
    if case_id is None:
        return "waiting"
    inbox.state, inbox.case_id = "delivered", case_id
    return "delivered"


#: Messages people know by a name; others are shown by their own.
MESSAGES = {
    "withdraw": "申请人撤回申请",
    "death": "退休人员死亡",
    "contribution_check_done": "缴费核查结果反馈",
    "pension_condition_met": "养老待遇条件满足",
}
