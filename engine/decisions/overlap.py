"""Rows of a unique table that would both match: found on paper, where paper can tell.

Every column is tried with the values that can make a difference: those its cells name, those just
beside them, and one they do not name. Two rows overlap if every column has a value both accept.
Cells with expressions, and tables that look twice at the same thing, are left to the run.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

from engine.decisions import cells
from engine.decisions.table import Rule, Table
from engine.errors import DiagramFault
from engine.expressions import evaluate

_WHOLE = {"integer", "long"}


def overlapping(table: Table) -> list[tuple[int, int]]:
    """Return the pairs of rows (counted from 1) that match at the same time."""
    looked_at = [column.expression for column in table.inputs]
    if table.policy != "UNIQUE" or len(set(looked_at)) < len(looked_at):
        return []
    accepted = [_accepted(table, number) for number in range(len(table.inputs))]
    return [
        (one + 1, other + 1)
        for one, other in combinations(range(len(table.rules)), 2)
        if all(column is not None and column[one] & column[other] for column in accepted)
    ]


def _accepted(table: Table, number: int) -> list[set[int]] | None:
    """Row → which of the column's telling values it accepts; None if a cell is no literal."""
    named: list[Any] = []
    for rule in table.rules:
        found = [cells.literal(end) for end in cells.ends(rule.cells[number])]
        if ... in found:
            return None
        named += found
    values = list(_telling(named, table.inputs[number].type in _WHOLE))
    try:
        return [_those(rule, number, values) for rule in table.rules]
    except DiagramFault:  # text beside numbers: told when it runs
        return None


def _those(rule: Rule, number: int, values: list[Any]) -> set[int]:
    source = rule.tests[number]
    return {
        place
        for place, value in enumerate(values)
        if source is None or evaluate(source, {cells.VALUE: value}, {})
    }


def _telling(named: list[Any], whole: bool) -> Iterator[Any]:
    """The values that can make a difference between the cells of a column."""
    yield from named
    if any(isinstance(value, bool) for value in named):
        yield from (True, False)
        return
    numbers = sorted({v for v in named if isinstance(v, int | float) and not isinstance(v, bool)})
    if numbers:
        yield from (numbers[0] - 1, numbers[-1] + 1)
        yield from (n + 1 for n in numbers)
        if not whole:
            yield from ((a + b) / 2 for a, b in pairwise(numbers))
    texts = sorted({v for v in named if isinstance(v, str)})
    days = [day for text in texts if (day := _day(text)) is not None]
    if days and len(days) == len(texts):
        for day in days:
            yield from ((day + timedelta(days=n)).isoformat() for n in (-1, 1))
    elif texts or not numbers:
        yield from ("", *(f"{text} " for text in texts))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
