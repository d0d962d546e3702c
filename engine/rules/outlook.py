"""退休时间测算: what a month of birth and a class mean, before anybody has applied.

Answers “最早哪个月能退休” with the earliest, the statutory and the latest time, what each needs,
and until when something must be said in writing. The day of birth is not asked: months are enough
to plan by, and less is known about whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.rules.contribution import minimum_months
from engine.rules.flexible import (
    Choice,
    agreement_until,
    flexible_range,
    months_needed,
    notice_until,
)
from engine.rules.retirement_age import AgeClass, delay_months, original_date, reformed


@dataclass(frozen=True)
class Way:
    """A time to retire, by its first day of the month.

    Args:
        choice: ``early``, ``statutory`` or ``late``.
        age: months.
        needed: months of contributions.
        written_until: last month for the written notice (early) or agreement (late).
    """

    choice: Choice
    day: date
    age: int
    needed: int
    written_until: date | None = None


@dataclass(frozen=True)
class Outlook:
    """What the rules make of a month of birth; ``delay`` and ages in months.

    ``ways``: earliest first; only the statutory one where there is no choice.
    """

    of: AgeClass
    birth: date
    original: date
    delay: int
    statutory: date
    ways: Sequence[Way]

    @property
    def reformed(self) -> bool:
        """Whether the reform of 2025 applies at all."""
        return self.delay > 0

    @property
    def rises(self) -> bool:
        """Whether more than the fifteen years of before are needed in the statutory year."""
        return minimum_months(self.statutory) > minimum_months(date(2025, 1, 1))


def outlook(of: AgeClass, year: int, month: int) -> Outlook:
    """Work out when somebody born in this month may retire."""
    birth = date(year, month, 1)
    earliest, statutory, latest = flexible_range(of, birth)
    days: list[tuple[Choice, date, date | None]] = [("statutory", statutory, None)]
    if reformed(of, birth):
        days.insert(0, ("early", earliest, notice_until(earliest)))
        days.append(("late", latest, agreement_until(statutory)))
    ways = [
        Way(choice, day, _months(birth, day), months_needed(of, birth, day), until)
        for choice, day, until in days
    ]
    delay = delay_months(of, birth)
    return Outlook(of, birth, original_date(of, birth), delay, statutory, ways)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month
