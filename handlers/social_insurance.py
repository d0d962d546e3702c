"""社会保险经办机构: the social insurance agency of the place where the person is insured.

It decides whether the conditions for a pension are met, works out the pension and the
occupational annuity, ends the work-injury and unemployment relations (four results, each with
its own state), and pays on the unified pay day. A pension is claimed once; when conditions are
not met yet the agency goes on by itself as soon as they are.

Source: JLG-021 to JLG-023, JLG-043 to JLG-047, JLG-058.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from engine.operations import Operation, operations
from handlers.fields import Block, Fen, Line, Month, Months, Word, titled

TITLE = "社会保险经办机构"

#: State of one of the four results; no annuity, no annuity result.
SubResult = Annotated[
    Literal["done", "not_applicable"],
    Field(json_schema_extra=titled(done="已完成", not_applicable="不涉及")),
]


class ConditionCheck(Block):
    """The approval that the check rests on."""

    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")
    deemed_months: Months = Field(title="视同缴费月数")


class ConditionResult(Block):
    """Whether the pension can be worked out now; if not, everything that is missing."""

    met: bool = Field(title="满足领取条件")
    unmet: list[Word] = Field(default_factory=list, max_length=20, title="未满足的条件")
    contributed_months: Months = Field(title="实际缴费月数")
    deemed_months: Months = Field(title="视同缴费月数")
    required_months: Months = Field(title="最低缴费月数")


class Assessment(Block):
    """What the pension is worked out from."""

    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")
    deemed_months: Months = Field(title="视同缴费月数")
    annuity: bool = Field(title="参加职业年金")


class AssessmentResult(Block):
    """The four results and the amounts."""

    transfer: SubResult = Field(title="养老保险在职转退休")
    pension: SubResult = Field(title="基本养老保险待遇核定")
    annuity: SubResult = Field(title="职业年金待遇核定")
    injury_ended: SubResult = Field(title="工伤保险关系终止")
    unemployment_ended: SubResult = Field(title="失业保险关系终止")
    monthly_pension: Fen = Field(title="每月基本养老金")
    monthly_annuity: Fen = Field(title="每月职业年金")
    first_month: Month = Field(title="首次领取月份")


class Calculation(Block):
    """What the pension of an employee without occupational annuity is worked out from."""

    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")
    deemed_months: Months = Field(title="视同缴费月数")
    bank_name: Word = Field(title="养老金发放银行")
    account_no: Word = Field(title="社会保障卡银行账号")


class CalculationResult(Block):
    """The pension, on what ground, and the retirement certificate it comes with."""

    monthly_pension: Fen = Field(title="每月基本养老金")
    first_month: Month = Field(title="首次领取月份")
    basis: Line = Field(title="计发依据")
    certificate_no: Word = Field(title="退休证明编号")


class Payment(Block):
    """What is to be paid first."""

    approval_no: Word = Field(title="退休审批编号")
    amount: Fen = Field(title="首次发放金额")
    first_month: Month = Field(title="首次领取月份")


class PaymentResult(Block):
    """What was paid."""

    paid_on: date = Field(title="发放日期")
    amount: Fen = Field(title="发放金额")
    bank_name: Line = Field("", title="发放银行")


class ContributionQuery(Block):
    """Until when contributions are counted."""

    retire_date: date = Field(title="退休日期")


class Arrear(Block):
    """A month that was not paid."""

    month: Month = Field(title="月份")
    amount: Fen = Field(title="应缴金额")


class Account(Block):
    """An account in another place."""

    place: Word = Field(title="参保地")
    months: Months = Field(title="月数")
    status: Word = Field(title="状态")


class ContributionRecord(Block):
    """What the register knows of a person's contributions (processes §0.4, A-SI-CHK)."""

    contributed_months: Months = Field(title="累计缴费月数")
    arrears: list[Arrear] = Field(default_factory=list, max_length=720, title="欠费明细")
    other_accounts: list[Account] = Field(default_factory=list, max_length=50, title="外地账户")


operations.add(
    Operation(
        code="social_insurance/check_contributions",
        title="缴费记录调取",
        request=ContributionQuery,
        reply=ContributionRecord,
        source="JL-017 JL-041 JL-060",
    )
)
operations.add(
    Operation(
        code="social_insurance/check_conditions",
        title="养老保险待遇领取条件核对",
        request=ConditionCheck,
        reply=ConditionResult,
        source="JLG-022 JLG-046",
    )
)
operations.add(
    Operation(
        code="social_insurance/assess",
        title="养老保险待遇核定",
        request=Assessment,
        reply=AssessmentResult,
        refusals={"CONDITION_NOT_MET": "尚不满足养老保险待遇领取条件"},
        source="JLG-043 JLG-044 JLG-045 JLG-058",
    )
)
operations.add(
    Operation(
        code="social_insurance/calculate",
        title="养老金计发",
        request=Calculation,
        reply=CalculationResult,
        refusals={"CONDITION_NOT_MET": "尚不满足养老保险待遇领取条件"},
        source="ZY-018 ZY-019 ZY-020",
    )
)
operations.add(
    Operation(
        code="social_insurance/pay",
        title="养老保险待遇发放",
        request=Payment,
        reply=PaymentResult,
        refusals={"ACCOUNT_INVALID": "社会保障卡金融账户无法入账"},
        source="JLG-023 JLG-047",
    )
)
