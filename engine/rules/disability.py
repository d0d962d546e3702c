"""病残津贴: since 2025-01-01 in place of early retirement for illness (病退) and 退职.

Source: 企业职工基本养老保险病残津贴暂行办法 (人社部发〔2024〕72号). Before the statutory age,
with total loss of working ability certified by a prefecture's board.
"""

from datetime import date
from typing import Literal, NamedTuple

from engine.rules.contribution import enough
from engine.rules.retirement_age import AgeClass, statutory_date
from engine.rules.verdict import Verdict, fine, refused

LAW = "《企业职工基本养老保险病残津贴暂行办法》（人社部发〔2024〕72号）"
EFFECTIVE = date(2025, 1, 1)
#: the whole formula from so many months before the statutory date on
NEAR = 60

#: ``pension``: by the formula of the pension. ``basic``: by that of its basic part (基础养老金),
#: worked out anew at 60 months. ``limited``: the latter for ``months`` months.
Kind = Literal["pension", "basic", "limited"]


class Allowance(NamedTuple):
    """What a person gets; ``months`` is None when it is not limited."""

    kind: Kind
    months: int | None = None


def check_route(applied: date) -> Verdict:
    """Whether retirement for illness or 退职 can still be asked for."""
    if applied >= EFFECTIVE:
        message = "2025年1月1日起不再办理病退、退职，请改为申领病残津贴。"
        return refused("type", message, LAW)
    return fine("type", "2025年1月1日前的病退、退职，按原规定办理。", LAW)


def allowance(
    of: AgeClass, birth: date, applied: date, actual: int, deemed: int
) -> Allowance | None:
    """What somebody who applies on this day may expect; None from the statutory age on."""
    statutory = statutory_date(of, birth)
    if applied >= statutory:
        return None
    if not enough(actual, deemed, applied):
        return Allowance("limited", paid_months(actual + deemed))
    return Allowance("pension" if months_to(applied, statutory) <= NEAR else "basic")


def paid_months(contributed: int) -> int:
    """For how many months it is paid to those below the minimum contributions.

    Less than five years: 12 months; from there on 3 more for each further year or part of it.
    """
    return 12 if contributed < 60 else 12 + 3 * -(-(contributed - 60) // 12)


def months_to(start: date, end: date) -> int:
    """Months from a day to a later one, a part of a month counted as one."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months + (end.day > start.day)
