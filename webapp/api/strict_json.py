"""Reading JSON from outside: understood completely, or refused with 400."""

import json
import math
import re
from typing import Any

from flask.json.provider import DefaultJSONProvider

#: No answer of a form is deeper; what is deeper would only exhaust whoever reads it next.
DEEPEST = 40
#: PostgreSQL stores no NUL, and half of a surrogate pair is no character.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class StrictJson(DefaultJSONProvider):
    """The application's JSON. Output is Flask's; input allows what the standard allows, no more."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a text.

        Raises:
            ValueError: not UTF-8 or not JSON (RFC 8259); the same key twice; NaN or a number
                beyond measure; text that cannot be stored; deeper than ``DEEPEST``.
        """
        text = s.decode("utf-8-sig") if isinstance(s, bytes) else s
        try:
            value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        _require_sound(value)
        return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # which of the two was meant is anybody's guess
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _require_sound(value: Any) -> None:
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        if isinstance(one, str) and _UNSTORABLE.search(one):
            raise ValueError("text that cannot be stored")
        if isinstance(one, float) and not math.isfinite(one):
            raise ValueError("a number beyond measure")
        if isinstance(one, dict):
            waiting += [(child, depth + 1) for pair in one.items() for child in pair]
        elif isinstance(one, list):
            waiting += [(child, depth + 1) for child in one]
