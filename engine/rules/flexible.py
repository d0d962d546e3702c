"""弹性退休: retiring up to three years before or after the statutory age, by one's own choice.

Source: 实施弹性退休制度暂行办法 (人社部发〔2024〕94号), in force from 2025-01-01. Early: not
before the original age, three months' written notice to the unit. Late: agreed with the unit in
writing one month before the statutory age; once fixed it is not extended.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from engine.calendar import months_after, months_before
from engine.rules import contribution
from engine.rules.retirement_age import AgeClass, original_date, reformed, statutory_date
from engine.rules.verdict import Verdict, fine, person, refused

LAW = "《实施弹性退休制度暂行办法》（人社部发〔2024〕94号）"
#: the farthest a choice may lie from the statutory date, in months
MOST = 36
NOTICE, AGREEMENT = 3, 1

Choice = Literal["early", "statutory", "late"]


class Range(NamedTuple):
    """The days between which a person may choose; all equal where there is no choice."""

    earliest: date
    statutory: date
    latest: date


def flexible_range(of: AgeClass, birth: date) -> Range:
    """The days between which a person may choose.

    No choice for those who reached the original age before 2025-01-01 (办法 and 94号文).
    """
    statutory = statutory_date(of, birth)
    if not reformed(of, birth):
        return Range(statutory, statutory, statutory)
    earliest = max(original_date(of, birth), months_before(statutory, MOST))
    return Range(earliest, statutory, months_after(statutory, MOST))


def choice(of: AgeClass, birth: date, chosen: date) -> Choice:
    """What a chosen day is. Pensions go by the month, so any day of that month is statutory."""
    statutory = statutory_date(of, birth)
    if (chosen.year, chosen.month) == (statutory.year, statutory.month):
        return "statutory"
    return "early" if chosen < statutory else "late"


def notice_until(chosen: date) -> date:
    """The last day to tell the unit in writing of an early retirement."""
    return months_before(chosen, NOTICE)


def agreement_until(statutory: date) -> date:
    """The last day to agree with the unit in writing on a late retirement."""
    return months_before(statutory, AGREEMENT)


def months_needed(of: AgeClass, birth: date, chosen: date) -> int:
    """Contribution months needed: of the chosen year when early, else of the statutory year."""
    early = choice(of, birth, chosen) == "early"
    return contribution.minimum_months(chosen if early else statutory_date(of, birth))


def check_range(of: AgeClass, birth: date, chosen: date, *, extends: bool = False) -> Verdict:
    """Whether a chosen day may be chosen.

    Args:
        extends: a late retirement was fixed before, and this would move it on.
    """
    earliest, statutory, latest = flexible_range(of, birth)
    kind = choice(of, birth, chosen)
    if kind == "statutory":
        return fine("chosen", "退休时间为法定退休年龄。", LAW)
    if not reformed(of, birth):
        return _unreformed(kind, statutory)
    if chosen < earliest:
        if earliest == original_date(of, birth):
            message = f"早于原法定退休年龄，最早可选 {earliest}。"
        else:
            message = f"提前超过 {MOST} 个月，最早可选 {earliest}。"
        return refused("chosen", message, LAW)
    if chosen > latest:
        return refused("chosen", f"延迟超过 {MOST} 个月，最晚可选 {latest}。", LAW)
    if extends:
        return refused("chosen", "延迟退休时间确定后不再延长。", LAW)
    word = "提前" if kind == "early" else "延迟"
    return fine("chosen", f"属弹性{word}退休，可选范围为 {earliest} 至 {latest}。", LAW)


def check_notice(
    of: AgeClass, birth: date, chosen: date, written_on: date | None
) -> Iterator[Verdict]:
    """Whether the written notice (early) or agreement (late) is there and in time.

    Args:
        written_on: day of the notice or agreement; None if none is known.
    """
    kind = choice(of, birth, chosen)
    if kind == "statutory" or not reformed(of, birth):
        return
    if kind == "early":
        what, until = "书面告知单位", notice_until(chosen)
    else:
        what, until = "与单位书面协商一致", agreement_until(statutory_date(of, birth))
    if written_on is None:
        yield person("notice", f"须于 {until} 前{what}，请核对书面材料。", LAW)
    elif written_on > until:
        yield person("notice", f"{what}应不晚于 {until}，实际为 {written_on}，已逾期。", LAW)
    else:
        yield fine("notice", f"{what}于 {written_on}，符合要求。", LAW)


def check_months(of: AgeClass, birth: date, chosen: date, actual: int, deemed: int) -> Verdict:
    """Whether the contributions suffice: early they must; later they can be made up."""
    needed, total = months_needed(of, birth, chosen), actual + deemed
    said = (
        f"实际缴费 {actual} 个月、视同缴费 {deemed} 个月，"
        f"合计 {contribution.in_years(total)}，最低 {contribution.in_years(needed)}"
    )
    if total >= needed:
        return fine("months", f"{said}，已达到。", contribution.LAW)
    if choice(of, birth, chosen) == "early" and reformed(of, birth):
        return refused("months", f"{said}，未达到，不能弹性提前退休。", LAW)
    return person("months", f"{said}，未达到，可延长缴费或转居民养老保险。", contribution.LAW)


def _unreformed(kind: Choice, statutory: date) -> Verdict:
    if kind == "early":
        return refused("chosen", f"早于法定退休年龄 {statutory}，不适用弹性退休。", LAW)
    message = f"已于 {statutory} 达到法定退休年龄，不适用弹性延迟，请说明推迟办理的原因。"
    return person("chosen", message, LAW)
