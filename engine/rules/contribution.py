"""最低缴费年限: how many months of contributions a monthly pension needs.

Source: 国务院关于渐进式延迟法定退休年龄的办法 第二条 with its table: 15 years until 2029, from
2030-01-01 six months more each year, 20 years from 2039. Before: 社会保险法 第十六条.
"""

from datetime import date

LAW = "《国务院关于渐进式延迟法定退休年龄的办法》第二条"
_FIRST, _LAST = 180, 240
_RISES_AFTER = 2029


def minimum_months(on: date) -> int:
    """Months needed by whoever draws a pension from this day's year on."""
    return min(_LAST, _FIRST + 6 * max(0, on.year - _RISES_AFTER))


def enough(actual: int, deemed: int, on: date) -> bool:
    """Whether contributed and deemed months (实际缴费, 视同缴费) together reach the minimum."""
    return actual + deemed >= minimum_months(on)


def in_years(months: int) -> str:
    """``186`` → ``15 年 6 个月``."""
    years, rest = divmod(months, 12)
    return f"{years} 年 {rest} 个月" if rest else f"{years} 年"
