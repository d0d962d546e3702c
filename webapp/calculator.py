"""退休年龄测算: when somebody born in a month may retire, for everybody, without signing in.

The answer has an address of its own (GET): a month of birth and a class name nobody, and so the
page can be printed, kept, sent on and gone back to, without a script or a cookie.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.clock import office_date
from engine.errors import Invalid
from engine.queries.calculator import Calculation, calculate, calculator_regions
from engine.rules import contribution, flexible, retirement_age
from engine.rules.retirement_age import AgeClass, age_class
from webapp.context import runtime

pages = Blueprint("calculator", __name__)
#: Class → what people call it, and who belongs to it.
CLASSES: Mapping[AgeClass, tuple[str, str]] = {
    "60": ("男职工", "原法定退休年龄 60 周岁"),
    "55": ("女职工（管理、技术岗位）", "原法定退休年龄 55 周岁，灵活就业的一般也按此"),
    "50": ("女职工（生产、操作岗位）", "原法定退休年龄 50 周岁"),
}
_FIRST_YEAR, _YOUNGEST = 1930, 16


@dataclass
class Asked:
    """What was typed, and field → what is wrong with it."""

    year: str
    month: str
    of: str
    region: str
    errors: dict[str, str]

    def whole(self, field: str, low: int, high: int, message: str) -> int:
        """A field as a number between two others; else its error is noted."""
        text = cast(str, getattr(self, field))
        if text.isdecimal() and len(text) <= 4 and low <= int(text) <= high:
            return int(text)
        self.errors[field] = message
        return 0


@pages.get("/retirement-age")
def show() -> ResponseReturnValue:
    """Ask for month of birth and class, and say what follows."""
    given = {key: request.args.get(key, "").strip()[:40] for key in ("year", "month", "of")}
    asked = Asked(**given, region=request.args.get("region", "").strip()[:40], errors={})
    regions = calculator_regions(runtime())
    found = _answer(asked, regions) if any(key in request.args for key in given) else None
    page = render_template(
        "calculator.html",
        asked=asked,
        found=found,
        regions=regions,
        classes=CLASSES,
        today=office_date(runtime().clock.now()),
        in_years=contribution.in_years,
        laws=(retirement_age.LAW, contribution.LAW, flexible.LAW),
        home="applicant.home" if _applicant() else "",
    )
    return page, 422 if asked.errors else 200


def _answer(asked: Asked, regions: Mapping[str, str]) -> Calculation | None:
    """Work it out; None when something has to be mended first."""
    last = office_date(runtime().clock.now()).year - _YOUNGEST
    said = f"请填写出生年份，四位数字，{_FIRST_YEAR} 至 {last}。"
    year = asked.whole("year", _FIRST_YEAR, last, said)
    month = asked.whole("month", 1, 12, "请选择出生月份。")
    try:
        of = age_class(asked.of)
    except Invalid:
        asked.errors["of"] = "请选择人员类别。"
    if asked.region and asked.region not in regions:
        asked.errors["region"] = "没有这个地区，请重新选择。"
    if asked.errors:
        return None
    return calculate(runtime(), of, year, month, asked.region)


def _applicant() -> bool:
    return bool(current_user.is_authenticated and current_user.actor.kind != "staff")
