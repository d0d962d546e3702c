"""法定退休年龄: the statutory retirement date, delayed step by step since 2025.

Source: 全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定 (2024-09-13) and 国务院关于
渐进式延迟法定退休年龄的办法 with its tables; in force from 2025-01-01.

The class is an age, not a sex: a woman retires from 50 or from 55 by her post (生产岗位, 管理或技术
岗位), so it is asked for and evidenced, never worked out from the identity number.

>>> statutory_date("60", date(1966, 11, 20))
datetime.date(2027, 5, 20)
"""

from datetime import date
from typing import Literal, get_args

from engine.calendar import months_after
from engine.errors import Invalid

AgeClass = Literal["60", "55", "50"]

LAW = "《国务院关于渐进式延迟法定退休年龄的办法》第一条"
EFFECTIVE = date(2025, 1, 1)
#: class → months of birth cohorts per month of delay, and the longest delay in months
_STEPS = {"60": (4, 36), "55": (4, 36), "50": (2, 60)}


def age_class(text: str) -> AgeClass:
    """Read a class as forms and diagrams write it: ``"60"``, ``"55"`` or ``"50"``.

    Raises:
        Invalid: none of them. Do not retry.
    """
    for known in get_args(AgeClass):
        if text == known:
            return known  # type: ignore[no-any-return]
    raise Invalid(f"原法定退休年龄应为 60、55 或 50，现为“{text[:20]}”。")


def original_date(of: AgeClass, birth: date) -> date:
    """The day the age before the reform is reached (原法定退休年龄)."""
    return months_after(birth, int(of) * 12)


def delay_months(of: AgeClass, birth: date) -> int:
    """How many months the reform adds; 0 for those whose original age was reached before it."""
    original = original_date(of, birth)
    since = (original.year - EFFECTIVE.year) * 12 + original.month - EFFECTIVE.month
    step, most = _STEPS[of]
    return 0 if since < 0 else min(most, since // step + 1)


def statutory_date(of: AgeClass, birth: date) -> date:
    """The day the statutory age is reached; clamped to the month's end once, not twice.

    A man born on 1966-10-31 retires on 2027-04-30.
    """
    return months_after(birth, int(of) * 12 + delay_months(of, birth))


def reformed(of: AgeClass, birth: date) -> bool:
    """Whether the reform applies at all: the original age is reached on or after 2025-01-01."""
    return delay_months(of, birth) > 0
