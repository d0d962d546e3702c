"""Cells of decision tables: S-FEEL as designers and table editors write it → our expressions.

| cell | matches |
|---|---|
| ``-`` or empty | anything |
| ``"a"`` · ``"a","b"`` | one of these |
| ``not("a")`` | none of these |
| ``< 3`` · ``>= "2025-01-01"`` | a comparison; dates are text |
| ``[50..60]`` · ``(50..60)`` · ``]50..60[`` | a range, with or without its ends |
| ``true`` · ``false`` · ``null`` | a truth value, or that nothing is known yet |

Ends may also be expressions, such as ``< today()``.

>>> test('[50..60]')
'cell_value >= 50 and cell_value <= 60'
"""

import ast
import re
from collections.abc import Iterator

from engine.errors import DiagramFault

#: The name under which a test finds the value of its column.
VALUE = "cell_value"
_WORDS = {"true": "True", "false": "False", "null": "None"}
_COMPARISON = re.compile(r"(<=|>=|!=|<|>|=)(.*)", re.DOTALL)
_RANGE = re.compile(r"([\[\](])(.*)([\])\[])", re.DOTALL)
_NEGATION = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_DATE = re.compile(r'date(?: and time)?\s*\(\s*("[^"]*")\s*\)')


def test(cell: str) -> str | None:
    """Turn an input cell into an expression over ``VALUE``; None if it matches anything.

    Raises:
        DiagramFault: it cannot be read. Do not retry.
    """
    cell = cell.strip()
    if cell in ("", "-"):
        return None
    negated = _NEGATION.fullmatch(cell)
    if negated and _closed(negated[1]):
        return f"not ({_any_of(negated[1])})"
    return _any_of(cell)


def result(cell: str) -> str:
    """Turn an output cell into an expression. An empty one is no result and is refused."""
    cell = cell.strip()
    if not cell or cell == "-":
        raise DiagramFault("结果单元格是空的；没有结果请写 null。")
    return _end(cell)


def literal(source: str) -> object:
    """The value of a literal; ``...`` if it is something to be worked out."""
    try:
        return ast.literal_eval(source)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ...


def ends(cell: str) -> Iterator[str]:
    """The expressions a cell compares with: for looking at what they are."""
    cell = cell.strip()
    if cell in ("", "-"):
        return
    negated = _NEGATION.fullmatch(cell)
    for part in _parts(negated[1] if negated and _closed(negated[1]) else cell, ","):
        yield from (end for _, end in _comparisons(part))


def _any_of(cell: str) -> str:
    tests = [
        " and ".join(f"{VALUE} {sign} {end}" for sign, end in _comparisons(part))
        for part in _parts(cell, ",")
    ]
    return tests[0] if len(tests) == 1 else " or ".join(f"({one})" for one in tests)


def _comparisons(part: str) -> list[tuple[str, str]]:
    """One test as one or two comparisons: sign and end."""
    part = part.strip()
    if not part:
        raise DiagramFault("逗号前后有一项是空的。")
    if found := _COMPARISON.fullmatch(part):
        sign = "==" if found[1] == "=" else found[1]
        return [(sign, _end(found[2]))]
    if found := _RANGE.fullmatch(part):
        bounds = _parts(found[2], "..")
        if len(bounds) == 2:
            low, high = map(_end, bounds)
            return [
                (">=" if found[1] == "[" else ">", low),
                ("<=" if found[3] == "]" else "<", high),
            ]
    return [("==", _end(part))]


def _end(text: str) -> str:
    """What is compared with, as an expression of our language."""
    text = text.strip()
    if not text:
        raise DiagramFault("比较符号后面没有内容。")
    if text in _WORDS:
        return _WORDS[text]
    if found := _DATE.fullmatch(text):
        return found[1]
    return text


def _closed(text: str) -> bool:
    """Whether no bracket closes that was not opened: the outer pair belongs together."""
    depth = 0
    for sign in _unquoted(text):
        depth += (sign in "([") - (sign in ")]")
        if depth < 0:
            return False
    return depth == 0


def _unquoted(text: str) -> Iterator[str]:
    """The characters of a text, those inside quotes blanked out."""
    quoted = ""
    for sign in text:
        if sign == quoted:
            quoted = ""
            yield " "
        elif quoted:
            yield " "
        elif sign in "\"'":
            quoted = sign
            yield " "
        else:
            yield sign
    if quoted:
        raise DiagramFault("引号没有成对。")


def _parts(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside quotes and brackets."""
    parts, start, depth = [], 0, 0
    plain = "".join(_unquoted(text))
    for place, sign in enumerate(plain):
        depth += (sign in "([") - (sign in ")]")  # a range may be bracketed outwards: ]1..5[
        if depth <= 0 and plain.startswith(separator, place) and place >= start:
            parts.append(text[start:place])
            start = place + len(separator)
    return [*parts, text[start:]]
