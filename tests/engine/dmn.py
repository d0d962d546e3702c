"""A tiny DMN builder for tests: a decision table in a few lines."""

from collections.abc import Sequence

from engine.decisions.reading import DMN
from tests.engine.bpmn import escape

Row = tuple[Sequence[str], Sequence[str]]


def decision(
    name: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Sequence[Row],
    policy: str = "UNIQUE",
    types: Sequence[str] = (),
) -> bytes:
    """One table: inputs are expressions, a row is its input cells and its output cells."""
    types = [*types, *["string"] * len(inputs)]
    columns = "".join(
        f'<input id="in_{n}" label="输入 {n}"><inputExpression id="look_{n}" typeRef="{types[n]}">'
        f"<text>{escape(one)}</text></inputExpression></input>"
        for n, one in enumerate(inputs)
    ) + "".join(f'<output id="out_{n}" name="{one}"/>' for n, one in enumerate(outputs))
    rules = "".join(
        f'<rule id="row_{n}">{_cells("inputEntry", n, asked)}{_cells("outputEntry", n, given)}'
        "</rule>"
        for n, (asked, given) in enumerate(rows, start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{DMN}" id="d" name="d"'
        f' namespace="http://example.org"><decision id="{name}" name="{name} 的表">'
        f'<decisionTable id="table" hitPolicy="{policy}">{columns}{rules}</decisionTable>'
        "</decision></definitions>"
    ).encode()


def _cells(tag: str, row: int, cells: Sequence[str]) -> str:
    return "".join(
        f'<{tag} id="{tag}_{row}_{n}"><text>{escape(cell)}</text></{tag}>'
        for n, cell in enumerate(cells)
    )
