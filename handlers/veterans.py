"""退役军人事务局: confirms by letter what a personnel file does not say about military service.

The letter asks for one or several things (部队服役、安置就业、其他); the reply tells when the
person was born by the file there, joined, left, and was placed. Years of service count as
contribution years; they are worked out from both days. A reply may be empty: then a clerk decides.

Source: YC-005, YC-059 to YC-062, YC-077 to YC-079; 退役军人保障法第五十条.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from dateutil.relativedelta import relativedelta
from pydantic import Field

from engine.operations import Operation, operations
from handlers.fields import Block, Line, Months, titled

TITLE = "退役军人事务部门"

#: What can be asked for in the letter.
Purpose = Annotated[
    Literal["service", "placement", "other"],
    Field(json_schema_extra=titled(service="部队服役", placement="安置就业", other="其他")),
]


class Letter(Block):
    """退役军人信息确认函（申请）: what is asked about the person."""

    purposes: list[Purpose] = Field(min_length=1, max_length=3, title="请求确认的情况")
    other: Line | None = Field(None, title="其他情况说明")
    archive_place: Line | None = Field(None, title="军人档案保管处")


def _service(said: Mapping[str, Any]) -> int | None:
    """Whole months from joining to leaving, where the bureau does not say them itself."""
    joined, left = said.get("enlisted_on"), said.get("discharged_on")
    if joined is None or left is None or left <= joined:
        return None
    since = relativedelta(left, joined)
    return since.years * 12 + since.months


class LetterReply(Block):
    """退役军人信息确认函（复函）: what the files there say; much may be missing."""

    found: bool = Field(title="查有退役军人档案")
    birth_in_file: date | None = Field(None, title="档案出生年月")
    enlisted_on: date | None = Field(None, title="入伍时间")
    discharged_on: date | None = Field(None, title="退役时间")
    placement: Line | None = Field(None, title="安置情况")
    other: Line | None = Field(None, title="其他情况")
    service_months: Months | None = Field(default_factory=_service, title="折算服役月数")


operations.add(
    Operation(
        code="veterans/confirm",
        title="退役军人信息核查核实",
        request=Letter,
        reply=LetterReply,
        refusals={"NO_RECORD": "查无此人的退役军人档案"},
        source="YC-005 YC-060 YC-061",
    )
)
