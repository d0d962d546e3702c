"""The national rules as functions of expressions: ISO text in, ISO text out."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.identity import birth_date, sex
from engine.rules.contribution import minimum_months
from engine.rules.flexible import flexible_range
from engine.rules.retirement_age import age_class, original_date, statutory_date
from engine.rules.special_work import special_work_date


def retirement_date(of: str | None, birth: str | None, chosen: str | None) -> str | None:
    """The day a person chose, else the statutory one; ``None`` where neither is known."""
    if chosen:
        return chosen
    if of is None or birth is None:
        return None
    return statutory_date(age_class(of), _date(birth)).isoformat()


def _date(text: str) -> date:
    return date.fromisoformat(text[:10])


#: ``age_class`` is ``"60"``, ``"55"`` or ``"50"``; ``sex`` is ``"male"`` or ``"female"``.
RULE_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "original_date": lambda of, birth: original_date(age_class(of), _date(birth)).isoformat(),
    "statutory_date": lambda of, birth: statutory_date(age_class(of), _date(birth)).isoformat(),
    "earliest_date": lambda of, birth: flexible_range(
        age_class(of), _date(birth)
    ).earliest.isoformat(),
    "latest_date": lambda of, birth: flexible_range(age_class(of), _date(birth)).latest.isoformat(),
    "special_work_date": lambda sex, birth: special_work_date(sex, _date(birth)).isoformat(),
    "minimum_months": lambda day: minimum_months(_date(day)),
    "birth_of": lambda id_no: birth_date(id_no).isoformat(),
    "sex_of": sex,
}
