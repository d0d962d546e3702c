"""BPMN messages a case sends: to its person's other cases, to the batch that began it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from engine.ids import new_id
from engine.models import Case, MessageInbox, Subscription
from engine.scope import beyond

if TYPE_CHECKING:
    from engine.open_case import OpenCase

#: A message nobody waits for yet is kept this long.
KEEP_MESSAGE = timedelta(days=400)

#: Sent to a batch when the last of the cases it began has ended.
MEMBERS_DONE = "members_done"

#: Messages about one case, found by its id; all others are about a person, found by the file.
OF_THE_CASE = frozenset({"withdraw", MEMBERS_DONE})


def send_message(case: "OpenCase", message: str) -> None:
    """Put a message into the inbox; a job brings it to its receiver after the commit."""
    _send(case, message, case.business_key, f"{case.case.no}/{message}/{case.case.event_count}")


def tell_batch(case: "OpenCase") -> None:
    """When this was the last open case a batch began, tell the batch, if it waits for that."""
    batch = case.case.parent_id
    if batch is None:
        return
    waits = select(Subscription.token).where(
        Subscription.message == MEMBERS_DONE, Subscription.business_key == str(batch)
    )
    if case.session.scalar(waits) is None:
        return
    others = select(func.count()).where(
        Case.parent_id == batch, Case.status == "running", Case.id != case.case.id
    )
    with beyond(case.session):  # the batch, and others' cases in it
        # its row first: of two that end at the same moment the second sees the first
        case.session.execute(select(Case.id).where(Case.id == batch).with_for_update())
        left = case.session.scalar(others)
    if left == 0:
        _send(case, MEMBERS_DONE, str(batch), f"{batch}/{MEMBERS_DONE}")


def _send(case: "OpenCase", message: str, business_key: str, message_id: str) -> None:
    sent = MessageInbox(
        id=new_id(),
        message_id=message_id,
        message=message,
        business_key=business_key,
        received_at=case.now,
        expires_at=case.now + KEEP_MESSAGE,
        state="waiting",
        sender_id=case.case.id,
    )
    case.changes.add(sent)
    case.outbox.deliver(sent.id)
