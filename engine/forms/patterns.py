"""Regular expressions that can be given to strangers' input.

Python's matcher goes back and tries again; some patterns make it try for hours. Those allowed
here are anchored at both ends, repeat nothing that itself varies, and vary in few places.
"""

import re
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_LONGEST = 200
_MOST_VARYING = 6
_MOST_UNBOUNDED = 2
_FORBIDDEN = {"GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"}


def pattern_fault(pattern: object) -> str | None:
    """Say in Chinese why a pattern may not be used; None if it may.

    Args:
        pattern: value of the ``pattern`` keyword, as found.
    """
    if not isinstance(pattern, str) or len(pattern) > _LONGEST:
        return f"pattern 应为不超过 {_LONGEST} 个字符的正则表达式"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return "pattern 须以 ^ 开头、以 $ 结尾"
    try:
        re.compile(pattern)
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return "pattern 不是有效的正则表达式"
    varying = list(_varying(tree, False))
    if None in varying:
        return "pattern 过于复杂：不能使用引用、环视，重复中不能再有变化的内容"
    unbounded = sum(repeat == "unbounded" for repeat in varying)
    if len(varying) > _MOST_VARYING or unbounded > _MOST_UNBOUNDED:
        return "pattern 中不定次数的重复过多"
    return None


def _varying(tree: Any, repeated: bool) -> list[str | None]:
    """List the repeats of varying number; a ``None`` among them marks what is forbidden."""
    found: list[str | None] = []
    for operation, argument in tree:
        name = str(operation)
        if name in _FORBIDDEN:
            found.append(None)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = argument
            if least != most:
                endless = most is _parser.MAXREPEAT or int(most) > _LONGEST
                found.append(None if repeated else "unbounded" if endless else "bounded")
            found += _varying(body, repeated or most > 1)
        elif name == "BRANCH":
            found += [None] if repeated else []
            for body in argument[1]:
                found += _varying(body, repeated)
        elif name == "SUBPATTERN":
            found += _varying(argument[-1], repeated)
        elif name == "ATOMIC_GROUP":
            found += _varying(argument, repeated)
    return found
