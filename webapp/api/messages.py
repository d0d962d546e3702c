"""``messages``: telling the one case that waits for it that something has happened."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from engine.commands.deliver_message import deliver_message
from engine.errors import NotFound
from engine.queries.business_key import region_of_key
from webapp.api.part import Body, Shape, part
from webapp.context import actor, runtime

messages = part("messages", "消息 messages")


class MessageBody(Body):
    """A message. ``message_id`` is the sender's name for this very one: repeats change nothing."""

    message: str = Field(pattern="^[a-z][a-z0-9_]{0,79}$", description="e.g. death")
    business_key: UUID = Field(strict=False, description="id of a person file or of a case")
    message_id: str = Field(min_length=1, max_length=80)


class Delivery(Shape):
    """What became of it; ``waiting``: kept until somebody waits for it."""

    state: Literal["delivered", "waiting", "duplicate", "expired"]


@messages.post("/messages")
@messages.input(MessageBody, arg_name="body")
@messages.output(Delivery)
def send(body: MessageBody) -> dict[str, str]:
    """Deliver a message; only administrators of the region can.

    409 when more than one case waits for it: nothing was delivered.
    """
    sender = actor()
    if not sender.holds("admin", region_of_key(runtime(), body.business_key)):
        raise NotFound("没有这一人员档案或办件。")
    # two senders may count their messages alike
    name = f"{sender.account_id}:{body.message_id}"
    return {"state": deliver_message(runtime(), body.message, str(body.business_key), name, sender)}
