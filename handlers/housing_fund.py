"""住房公积金管理中心: the housing provident fund centre that keeps the person's account.

Two operations with clocks of their own: seal the account, and pay it out to the retiree's own
bank card. Where people draw the money themselves, the centre first says whether they may. Nothing
is paid before the account is sealed, where it is to be sealed. A refused payment may be applied
for again.

Source: JLG-025, JLG-028 to JLG-036, JLG-050, JLG-059, JL-059, YC-004.
"""

from datetime import date

from pydantic import Field

from engine.operations import Operation, operations
from handlers.fields import Block, CardNumber, Fen, Line, Word

TITLE = "住房公积金管理中心"


class Eligibility(Block):
    """Whose account is looked at, and on what ground it may be paid out."""

    centre: Word = Field(title="公积金办理机构")
    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")


class EligibilityResult(Block):
    """The account, ready to be paid out by whatever way the person chose."""

    balance: Fen = Field(title="账户余额")


class Sealing(Block):
    """Which account is to be sealed, and on what ground."""

    centre: Word = Field(title="公积金办理机构")
    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")


class SealingResult(Block):
    """The sealed account."""

    sealed_on: date = Field(title="封存日期")
    balance: Fen = Field(title="账户余额")


class Withdrawal(Block):
    """Where the money is to go. ``realname_token`` proves the person's own authentication."""

    centre: Word = Field(title="公积金办理机构")
    approval_no: Word = Field(title="退休审批编号")
    retire_date: date = Field(title="退休日期")
    bank_name: Word = Field(title="开户银行")
    account_no: CardNumber = Field(title="银行账号")
    holder: Word = Field(title="户名")
    realname_token: Line | None = Field(None, title="实名认证凭证")


class WithdrawalResult(Block):
    """What was paid out."""

    principal: Fen = Field(title="提取本金")
    interest: Fen = Field(title="提取利息")
    paid_on: date = Field(title="到账日期")


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
        code="housing_fund/check_eligibility",
        title="住房公积金提取条件核对",
        request=Eligibility,
        reply=EligibilityResult,
        refusals={
            "NOT_OUR_ACCOUNT": "非本中心账户",
            "ARREARS": "单位存在欠缴，账户暂不能办理",
            "LOAN_OUTSTANDING": "公积金贷款未还清",
        },
        source="YC-004 YC-032 YC-033",
    )
)
operations.add(
    Operation(
        code="housing_fund/seal",
        title="住房公积金账户封存",
        request=Sealing,
        reply=SealingResult,
        refusals={
            "NOT_OUR_ACCOUNT": "非本中心账户",
            "ARREARS": "单位存在欠缴，账户暂不能封存",
        },
        source="JLG-029 JLG-050 JLG-059 JL-059",
    )
)
operations.add(
    Operation(
        code="housing_fund/withdraw",
        title="住房公积金提取",
        request=Withdrawal,
        reply=WithdrawalResult,
        refusals={
            "ACCOUNT_MISMATCH": "银行账户与本人姓名不一致",
            "ACCOUNT_CLOSED": "银行账户已注销或状态异常",
            "LOAN_OUTSTANDING": "公积金贷款未还清",
        },
        source="JLG-028 JLG-050 JLG-059",
    )
)
operations.add(
    Operation(
        code="housing_fund/take_over",
        title="接收推送名单",
        request=TakingOver,
        reply=TakenOver,
        source="ZY-022 ZY-028",
    )
)
