"""The functions a diagram's expressions may call. Always ISO strings, instants with +08:00."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engine.calendar import WorkCalendar
from engine.clock import CHINA, at, office_date
from engine.date_functions import date_functions, tolerant, working_day_functions
from engine.deadlines import Due, due
from engine.decisions.deciding import Decide
from engine.decisions.table import Table
from engine.expressions import Known, evaluate
from engine.packs.region import DeadlineRule, RegionConfig
from engine.rules.functions import RULE_FUNCTIONS, retirement_date

Functions = Mapping[str, Callable[..., Any]]


#: ``section.field``, or ``<item>.section.field``.
FIELD = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){1,2}")
#: For those who have no decision tables.
NO_TABLES: Mapping[str, Table] = MappingProxyType({})


def case_functions(
    config: RegionConfig,
    calendar: WorkCalendar,
    now: datetime,
    data: Mapping[str, Any],
    tables: Mapping[str, Table] = NO_TABLES,
) -> Functions:
    """Bind the functions to one case at one instant.

    Args:
        data: sections of the case.
        tables: the decision tables of the pack the case began with.
    """

    def deadline(code: str) -> str:
        return _instant(rule_due(config, calendar, code, now, data).due_at)

    functions: dict[str, Callable[..., Any]] = {
        "now": lambda: _instant(now),
        "at": lambda day, hour=0: _instant(at(_date(day), int(hour))),
        "deadline": deadline,
        "parameter": lambda code: config.parameters[code].value,
        "office_name": lambda code: _office(config, code, "title"),
        "office_phone": lambda code: _office(config, code, "phone"),
        **date_functions(lambda: office_date(now)),
        **working_day_functions(calendar),
        **RULE_FUNCTIONS,
    }
    bound: dict[str, Callable[..., Any]] = {
        **{name: tolerant(function) for name, function in functions.items()},
        # these say themselves what an unknown value means to them
        "hours_since": lambda instant: (
            (now - datetime.fromisoformat(instant)).total_seconds() / 3600 if instant else 10**6
        ),
        "count_rows": _count_rows,
        "latest": lambda *days: max((d for d in days if d), default=None),
        "earliest": lambda *days: min((d for d in days if d), default=None),
        "retirement_date": retirement_date,
    }
    return {**bound, "decide": Decide(tables, bound, data)}


def rule_due(
    config: RegionConfig,
    calendar: WorkCalendar,
    code: str,
    started: datetime,
    data: Mapping[str, Any],
    paused_days: int = 0,
) -> Due:
    """Work out a deadline of the region that starts now or at dates of the case data."""
    rule = config.deadlines[code]
    dates = start_dates(config, calendar, rule, started, data)
    return due(rule, started, dates, calendar, config.hours, paused_days=paused_days)


def start_dates(
    config: RegionConfig,
    calendar: WorkCalendar,
    rule: DeadlineRule,
    started: datetime,
    data: Mapping[str, Any],
) -> list[str | None]:
    """The dates a deadline starts from, or is due on: fields of case data, or expressions."""
    functions = case_functions(config, calendar, started, data)
    return [
        _field(data, start) if FIELD.fullmatch(start) else evaluate(start, Known(data), functions)
        for start in rule.start
        if start != "now"
    ]


def _count_rows(rows: Any, field: str, value: Any) -> int:
    """How many rows of a list (a checklist, say) have this value in a field."""
    found = rows if isinstance(rows, list) else []
    return sum(isinstance(row, Mapping) and row.get(field) == value for row in found)


def _field(data: Mapping[str, Any], dotted: str) -> str | None:
    section, _, name = dotted.rpartition(".")
    content = data.get(section) or {}
    value = content.get(name)
    return value if isinstance(value, str) else None


def _date(text: str) -> date:
    return date.fromisoformat(text[:10])


def _instant(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def _office(config: RegionConfig, code: str, field: str) -> str | None:
    """What the region's settings say of an office; ``None`` for one they do not know."""
    office = config.offices.get(code)
    return getattr(office, field) if office else None
