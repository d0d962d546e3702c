"""A decision table and what it decides for the facts of a case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from engine.decisions.cells import VALUE
from engine.errors import DiagramFault
from engine.expressions import Functions, Layered, evaluate

#: UNIQUE: one row at most matches. FIRST: the upper one counts. COLLECT: all, as a list.
HitPolicy = Literal["UNIQUE", "FIRST", "COLLECT"]


@dataclass(frozen=True)
class Column:
    """An input: the expression that is looked at, its column heading and declared type."""

    title: str
    expression: str
    type: str = ""


@dataclass(frozen=True)
class Rule:
    """A row: a test per input (None matches anything) and an expression per output.

    ``cells`` keeps the inputs as they were written, for pages and messages.
    """

    tests: tuple[str | None, ...]
    results: tuple[str, ...]
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A decision, named by its ``id``; ``outputs`` are the names of its results."""

    id: str
    title: str
    file: str
    policy: HitPolicy
    inputs: tuple[Column, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    clauses: tuple[str, ...] = ()

    @property
    def script(self) -> str:
        """The script of a business rule task that asks this table: outputs become locals."""
        return "\n".join(f'{output} = decide("{self.id}", "{output}")' for output in self.outputs)

    def decide(self, names: Mapping[str, Any], functions: Functions) -> list[dict[str, Any]]:
        """Return the results of the rows that count: none or one, or all for COLLECT.

        Args:
            names: sections and locals, as for any expression.
            functions: what its expressions may call.

        Raises:
            DiagramFault: several rows of a unique table match, or something cannot be worked out;
                the message names table and row. Do not retry.
        """
        values = [
            self._worked_out(column.expression, names, functions, f"输入“{column.title}”")
            for column in self.inputs
        ]
        most = 1 if self.policy == "FIRST" else None
        rows = list(islice(self._matching(values, names, functions), most))
        if self.policy == "UNIQUE" and len(rows) > 1:
            shown = "、".join(map(str, rows))
            raise DiagramFault(f"决策表“{self.title}”有几行同时满足：第 {shown} 行。")
        return [self._results(number, names, functions) for number in rows]

    def _matching(
        self, values: list[Any], names: Mapping[str, Any], functions: Functions
    ) -> Iterator[int]:
        for number, rule in enumerate(self.rules, start=1):
            if all(
                test is None
                or self._worked_out(
                    test, Layered({VALUE: value}, names), functions, f"第 {number} 行"
                )
                for test, value in zip(rule.tests, values, strict=True)
            ):
                yield number

    def _results(
        self, number: int, names: Mapping[str, Any], functions: Functions
    ) -> dict[str, Any]:
        expressions = self.rules[number - 1].results
        return {
            output: self._worked_out(source, names, functions, f"第 {number} 行")
            for output, source in zip(self.outputs, expressions, strict=True)
        }

    def _worked_out(
        self, source: str, names: Mapping[str, Any], functions: Functions, place: str
    ) -> Any:
        try:
            return evaluate(source, names, functions)
        except DiagramFault as fault:
            raise DiagramFault(f"决策表“{self.title}”{place}：{fault.message}") from fault
