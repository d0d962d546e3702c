"""特殊工种提前退休: earlier retirement after years of heavy or harmful work.

Source: 国发〔1978〕104号 第一条第（二）项 and its implementing opinion; the delay of 2025 leaves
this age alone. Men at 55, women at 45. Work at heights (高空) and especially heavy work 10 years,
underground and high temperature 9, other harmful work 8, in a post of the national list, proven by
original records.
Years of several kinds are added up differently by province, so a person decides there.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from engine.calendar import months_after
from engine.rules.verdict import Verdict, fine, person, refused

LAW = "国发〔1978〕104号第一条第（二）项"
Sex = Literal["male", "female"]
_AGES = {"male": 55, "female": 45}
#: kind of work → its name and the months of it that are needed
KINDS = {
    "high_place": ("高空作业", 120),
    "heavy": ("特别繁重体力劳动", 120),
    "underground": ("井下作业", 108),
    "high_temperature": ("高温作业", 108),
    "harmful": ("其他有害身体健康工作", 96),
}


class Work(NamedTuple):
    """A stretch of special work.

    Args:
        kind: a key of ``KINDS``.
        months: how long.
        listed: the post is in the national list (特殊工种名录).
    """

    kind: str
    months: int
    listed: bool = True


def special_work_date(sex: Sex, birth: date) -> date:
    """The first day on which somebody may retire early for special work."""
    return months_after(birth, _AGES[sex] * 12)


def check_age(sex: Sex, birth: date, chosen: date) -> Verdict:
    """Whether the age of special work is reached on the chosen day."""
    first = special_work_date(sex, birth)
    if chosen < first:
        return refused("chosen", f"特殊工种提前退休须年满 {_AGES[sex]} 周岁，最早 {first}。", LAW)
    return fine("chosen", f"已年满 {_AGES[sex]} 周岁（{first}）。", LAW)


def check_work(rows: Iterable[Work]) -> Verdict:
    """Whether the special work suffices. Work outside of the list does not count."""
    months: Counter[str] = Counter()
    for row in rows:
        if row.listed:
            months[row.kind] += row.months
    for kind, total in months.items():
        name, needed = KINDS[kind]
        if total >= needed:
            return fine("special", f"{name}累计 {total} 个月，达到 {needed} 个月。", LAW)
    told = "、".join(f"{KINDS[kind][0]} {total} 个月" for kind, total in months.items())
    if len(months) > 1 and months.total() >= min(KINDS[kind][1] for kind in months):
        return person("special", f"{told}，单项均未达到，能否合并计算请人工认定。", LAW)
    return refused("special", f"{told or '没有列入名录的特殊工种'}，未达到规定年限。", LAW)
