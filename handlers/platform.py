"""平台自身: what the platform does for batches. No wire: the worker does it on the spot.

Who belongs to a batch is found by the region's ``[selections]``; every member can be told
something; at the end there are figures. All of it may be repeated without harm.

An institution whose request was approved gets its account here, too.

Source: JLG-005, ZY-036, ZY-037, ZY-048, NX-012, NX-034, NX-046.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from pydantic import Field

from engine.commands.open_custodian import TAKEN, open_custodian
from engine.commands.select_members import select_members, send_to_members
from engine.operations import Operation, operations
from engine.queries.agency_of_call import case_of_call
from engine.queries.members import summary
from engine.runtime import Runtime
from handlers.fields import Block, PersonNumber, Word

TITLE = "平台"


class Selecting(Block):
    """Which selection of the region's settings."""

    selection: Word = Field(title="筛选规则")


class Selected(Block):
    """How many were found."""

    count: int = Field(ge=0, title="人数")


class Telling(Block):
    """What to send to everybody in the batch."""

    message: Word = Field(title="消息")


class Told(Block):
    """To how many it was sent."""

    count: int = Field(ge=0, title="人数")


class Nothing(Block):
    """Nothing needs to be said."""


class Outcome(Block):
    """How many cases ended in one way."""

    outcome: Word = Field(title="结局")
    count: int = Field(ge=0, title="件数")


class Summed(Block):
    """How the batch stands."""

    members: int = Field(ge=0, title="名单人数")
    begun: int = Field(ge=0, title="已发起")
    open: int = Field(ge=0, title="尚未办完")
    outcomes: list[Outcome] = Field(default_factory=list, max_length=100, title="办理结果")


class Custodian(Block):
    """Which custody institution gets an account, and who administers it."""

    name: Word = Field(title="机构名称")
    uscc: Word = Field(title="统一社会信用代码")
    admin_name: Word = Field(title="管理员姓名")
    admin_id_no: PersonNumber = Field(title="管理员身份证号")


class CustodianOpened(Block):
    """The institution as it is on record now."""

    unit: Word = Field(title="机构名称")


operations.add(
    Operation(
        code="platform/open_custodian",
        title="建立托管机构账号",
        request=Custodian,
        reply=CustodianOpened,
        refusals={TAKEN: "该代码已登记为其他单位"},
        source="JLG-005",
    )
)
operations.add(
    Operation(
        code="platform/select",
        title="筛选名单",
        request=Selecting,
        reply=Selected,
        source="ZY-037 NX-014 NX-046",
    )
)
operations.add(
    Operation(
        code="platform/tell_each",
        title="逐人通知",
        request=Telling,
        reply=Told,
        source="ZY-038 NX-048",
    )
)
operations.add(
    Operation(
        code="platform/sum_up",
        title="汇总结果",
        request=Nothing,
        reply=Summed,
        source="ZY-036 ZY-059 NX-012",
    )
)


def _open_custodian(runtime: Runtime, call_id: UUID, asked: Mapping[str, Any]) -> Block:
    case_no = case_of_call(runtime, call_id)
    return CustodianOpened(unit=open_custodian(runtime, **asked, case_no=case_no))


def _select(runtime: Runtime, call_id: UUID, asked: Mapping[str, Any]) -> Block:
    return Selected(count=select_members(runtime, call_id, asked["selection"]))


def _tell_each(runtime: Runtime, call_id: UUID, asked: Mapping[str, Any]) -> Block:
    return Told(count=send_to_members(runtime, call_id, asked["message"]))


def _sum_up(runtime: Runtime, call_id: UUID, asked: Mapping[str, Any]) -> Block:
    found = summary(runtime, call_id)
    outcomes = [Outcome(outcome=one, count=n) for one, n in sorted(found.outcomes.items())]
    return Summed(members=found.members, begun=found.begun, open=found.open, outcomes=outcomes)


#: What the worker does for each operation.
WORK: Mapping[str, Callable[[Runtime, UUID, Mapping[str, Any]], Block]] = {
    "platform/open_custodian": _open_custodian,
    "platform/select": _select,
    "platform/tell_each": _tell_each,
    "platform/sum_up": _sum_up,
}
