"""医疗保险经办机构: the medical insurance agency of the place where the person is insured.

It confirms the deemed contribution years and turns the worker's insurance into a retiree's.
When the years do not suffice the item fails with the shortfall in words, and the applicant may
apply again or give up.

Source: JLG-018 to JLG-020, JLG-048, JLG-049, JL-058.
"""

from datetime import date

from pydantic import Field

from engine.operations import Operation, operations
from handlers.fields import Block, Fen, Months, Word

TITLE = "医疗保险经办机构"


class Retirement(Block):
    """The approval that the change rests on."""

    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")
    deemed_months: Months = Field(title="视同缴费月数")


class RetirementResult(Block):
    """The years that count, and what is missing to the required ones."""

    converted: bool = Field(title="已转为退休人员医保")
    deemed_months: Months = Field(title="医保视同缴费月数")
    total_months: Months = Field(title="累计缴费月数")
    required_months: Months = Field(title="规定缴费月数")
    shortfall_months: Months = Field(0, title="尚差月数")
    pay_up_amount: Fen = Field(0, title="一次性补缴金额")


class TakingOver(Block):
    """A person who has retired and ticked the item: handed over by list."""

    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")


class TakenOver(Block):
    """Who took the list over; on paper, who signed for it."""

    received_by: Word = Field(title="签收人")
    received_on: date = Field(title="签收日期")


operations.add(
    Operation(
        code="medical/retire",
        title="职工医保在职转退休",
        request=Retirement,
        reply=RetirementResult,
        refusals={"CONDITION_NOT_MET": "医疗保险缴费年限未达到规定年限"},
        source="JLG-048 JLG-049 JL-058",
    )
)
operations.add(
    Operation(
        code="medical/take_over",
        title="接收推送名单",
        request=TakingOver,
        reply=TakenOver,
        source="ZY-022 ZY-028",
    )
)
