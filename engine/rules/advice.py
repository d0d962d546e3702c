"""规则提示: what the national rules say about an application, before anybody decides.

All rules at once over the facts a form knows so far: the dates, and a verdict per check with its
law. Advice, not a decision: a person decides, except where the law leaves no choice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, get_args

from engine.rules import birth, contribution, disability, flexible, retirement_age, special_work
from engine.rules.retirement_age import AgeClass
from engine.rules.special_work import Sex, Work
from engine.rules.verdict import Verdict, fine, person, refused

#: ``illness`` (病退) and ``resignation`` (退职) ended with 2024.
RetireType = Literal["normal", "early", "late", "special", "illness", "resignation"]
RETIRE_TYPES: tuple[str, ...] = get_args(RetireType)
_ENDED = ("illness", "resignation")


@dataclass(frozen=True)
class Facts:
    """What a form knows so far; ``None``: not yet.

    Args:
        birth: the day that is used. ``birth_card`` and ``birth_file``: where it comes from, the
            latter as exact as the record (``1964-11``).
        chosen: the day of retirement asked for.
        contributed, deemed: months.
        special: rows of special work; None if the form does not ask.
        notice: day of the written notice or agreement. ``asks_notice``: the form asks for it.
        applied: day of the application.
    """

    applied: date
    sex: Sex | None = None
    age_class: AgeClass | None = None
    birth: date | None = None
    birth_card: str | None = None
    birth_file: str | None = None
    birth_reason: str | None = None
    asks_birth: bool = False
    chosen: date | None = None
    type: RetireType | None = None
    contributed: int | None = None
    deemed: int = 0
    special: Sequence[Work] | None = None
    notice: date | None = None
    asks_notice: bool = False
    extends: bool = False


class Day(NamedTuple):
    """A date the rules give, and what it is called."""

    title: str
    day: date


@dataclass(frozen=True)
class Advice:
    """What the rules say: dates to know, and checks."""

    days: tuple[Day, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def refusals(self) -> tuple[Verdict, ...]:
        """The checks that leave no choice."""
        return tuple(verdict for verdict in self.verdicts if verdict.result == "refused")


def advise(facts: Facts) -> Advice:
    """Say what the rules make of these facts."""
    kind = facts.age_class or ("60" if facts.sex == "male" else None)
    verdicts = [*_birth(facts), *_class(facts, kind), *_route(facts)]
    days: tuple[Day, ...] = ()
    if kind is not None and facts.birth is not None:
        days = tuple(_days(kind, facts.birth, facts))
        if facts.type in _ENDED:
            verdicts += _instead(kind, facts.birth, facts)
        elif facts.chosen is not None:
            verdicts += _chosen(kind, facts.birth, facts.chosen, facts)
    return Advice(days, tuple(verdicts))


def _days(kind: AgeClass, born: date, facts: Facts) -> Iterator[Day]:
    earliest, statutory, latest = flexible.flexible_range(kind, born)
    yield Day("达到原法定退休年龄", retirement_age.original_date(kind, born))
    yield Day("法定退休时间", statutory)
    if retirement_age.reformed(kind, born):
        yield Day("弹性提前最早", earliest)
        yield Day("弹性延迟最晚", latest)
    if facts.type == "special" and facts.sex is not None:
        yield Day("特殊工种最早", special_work.special_work_date(facts.sex, born))


def _birth(facts: Facts) -> Iterator[Verdict]:
    if not facts.asks_birth or facts.birth_card is None or facts.birth_file is None:
        return
    decided = birth.decide_birth(facts.birth_card, facts.birth_file)
    if facts.birth is None:
        yield decided.verdict
        return
    used = facts.birth.isoformat()
    yield birth.check_used(decided, used, facts.birth_reason, approved=None)


def _class(facts: Facts, kind: AgeClass | None) -> Iterator[Verdict]:
    if kind is None:
        message = "尚未确定原法定退休年龄（女性按岗位为 55 或 50 周岁），无法推算退休时间。"
        yield person("age_class", message, retirement_age.LAW)
    elif facts.sex is not None and (facts.sex == "male") != (kind == "60"):
        message = "原法定退休年龄与性别不符：男性为 60 周岁，女性为 55 或 50 周岁。"
        yield refused("age_class", message, retirement_age.LAW)


def _route(facts: Facts) -> Iterator[Verdict]:
    if facts.type in _ENDED:
        yield disability.check_route(facts.chosen or facts.applied)


def _instead(kind: AgeClass, born: date, facts: Facts) -> Iterator[Verdict]:
    """What somebody may ask for in place of what has ended."""
    if facts.contributed is None or facts.applied < disability.EFFECTIVE:
        return
    given = disability.allowance(kind, born, facts.applied, facts.contributed, facts.deemed)
    if given is None:
        message = "已达到法定退休年龄，应申领基本养老金。"
    elif given.months is not None:
        message = f"可申领病残津贴（基础养老金标准），最长 {given.months} 个月。"
    elif given.kind == "basic":
        message = (
            f"可申领病残津贴（基础养老金标准），距法定退休年龄满 {disability.NEAR} 个月时重算。"
        )
    else:
        message = "可申领病残津贴（基本养老金标准）。"
    yield person("type", f"{message}须经劳动能力鉴定完全丧失劳动能力。", disability.LAW)


def _chosen(kind: AgeClass, born: date, chosen: date, facts: Facts) -> Iterator[Verdict]:
    if facts.type == "special":
        yield from _special(born, chosen, facts)
        return
    yield from _of_type(kind, born, chosen, facts)
    if facts.asks_notice:
        yield from flexible.check_notice(kind, born, chosen, facts.notice)
    if facts.contributed is not None:
        yield flexible.check_months(kind, born, chosen, facts.contributed, facts.deemed)


def _of_type(kind: AgeClass, born: date, chosen: date, facts: Facts) -> Iterator[Verdict]:
    """Whether day and type belong together, and the day lies within the range."""
    found = flexible.choice(kind, born, chosen)
    statutory = retirement_age.statutory_date(kind, born)
    law = flexible.LAW
    if facts.type == "normal" and found == "early":
        message = f"早于法定退休时间 {statutory}，不能按正常退休办理；自愿提前的请选弹性提前退休。"
        yield refused("chosen", message, law)
    elif facts.type == "normal" and found == "late" and retirement_age.reformed(kind, born):
        message = f"晚于法定退休时间 {statutory}，请核对是否为弹性延迟退休。"
        yield person("chosen", message, law)
    elif facts.type in ("early", "late") and found != facts.type:
        side = "早于" if facts.type == "early" else "晚于"
        message = f"与退休类型不符：退休时间应{side}法定退休时间 {statutory}。"
        yield refused("chosen", message, law)
    else:
        yield flexible.check_range(kind, born, chosen, extends=facts.extends)


def _special(born: date, chosen: date, facts: Facts) -> Iterator[Verdict]:
    if facts.sex is not None:
        yield special_work.check_age(facts.sex, born, chosen)
    if facts.special is not None:
        yield special_work.check_work(facts.special)
    if facts.contributed is None:
        return
    needed = contribution.minimum_months(chosen)
    total = facts.contributed + facts.deemed
    said = f"缴费合计 {contribution.in_years(total)}，最低 {contribution.in_years(needed)}"
    if total >= needed:
        yield fine("months", f"{said}，已达到。", contribution.LAW)
    else:
        yield refused("months", f"{said}，未达到，不能提前退休。", contribution.LAW)
