"""The function ``decide`` of expressions: what a decision table says about the facts at hand."""

from collections.abc import Mapping
from typing import Any

from engine.decisions.table import Table
from engine.errors import DiagramFault
from engine.expressions import Functions, Known


class Decide:
    """``decide("table")`` or ``decide("table", "output")``.

    Args:
        tables: decision id → table, of the pack the case began with.
        functions: what the tables' expressions may call; a table cannot ask another.
        names: sections and locals; what is not there yet is ``None``.
    """

    def __init__(
        self, tables: Mapping[str, Table], functions: Functions, names: Mapping[str, Any]
    ) -> None:
        self._tables, self._functions, self._names = tables, functions, Known(names)

    def within(self, names: Mapping[str, Any]) -> "Decide":
        """The same, looking at the names around one expression of a diagram."""
        return Decide(self._tables, self._functions, names)

    def __call__(self, table: str, output: str | None = None) -> Any:
        """The result; ``None`` if no row matches. A list for a table that collects.

        Raises:
            DiagramFault: no such table or output, or the table is at fault. Do not retry.
        """
        found = self._tables.get(table)
        if found is None:
            raise DiagramFault(f"没有这张决策表：{table}")
        if output is None and len(found.outputs) == 1:
            output = found.outputs[0]
        if output not in found.outputs:
            raise DiagramFault(f"决策表“{found.title}”没有结果列：{output or '（未写明）'}")
        results = [row[output] for row in found.decide(self._names, self._functions)]
        if found.policy == "COLLECT":
            return results
        return results[0] if results else None
