"""短信平台: sends text messages to people and says whether they arrived.

The text is a notice of the region: the service task names it with the property ``notice``, the
engine writes it into the request. A number that does not exist, or a phone that cannot be
reached, is a refusal with a way out in the diagram (ZY-039).

Source: ZY-038, NX-019, NX-061, JL-028.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from engine.operations import Operation, operations
from handlers.fields import Block

TITLE = "短信平台"


class Message(Block):
    """What is to be sent to the person's mobile number."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(title="短信内容")


class Receipt(Block):
    """What the network said: how many parts it took, and when it arrived."""

    parts: int = Field(ge=1, le=20, title="条数")
    delivered_on: date = Field(title="送达日期")


operations.add(
    Operation(
        code="messaging/sms",
        title="短信通知",
        request=Message,
        reply=Receipt,
        refusals={"UNDELIVERED": "短信未送达", "NO_NUMBER": "没有登记手机号码或号码有误"},
        source="ZY-038 ZY-039 NX-019",
    )
)
