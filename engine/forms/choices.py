"""Choices that are offered for a time only: ``x-from`` and ``x-until`` beside an option.

A sentence of policy ends, an office opens: what could be chosen in the past must stay readable in
old cases, and must not be offered any more. ``x-ended`` says what to do instead; it stands under
the field from then on, and is the answer to whoever chooses it all the same (JL-006, JL-061).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

#: Words beside an option's ``const`` and ``title``.
FROM, UNTIL, ENDED = "x-from", "x-until", "x-ended"


def dated(node: Any) -> bool:
    """Whether any choice in a schema is offered for a time only."""
    if isinstance(node, Mapping):
        return FROM in node or UNTIL in node or any(map(dated, node.values()))
    return isinstance(node, list) and any(map(dated, node))


def offered(node: Any, day: date) -> Any:
    """A schema with the choices of a day; what is only read keeps them all.

    Args:
        node: a schema without references.
        day: office date.
    """
    if isinstance(node, list):
        return [offered(one, day) for one in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(options := node.get("oneOf"), list) and not node.get("readOnly"):
        node = _without_others(node, options, day.isoformat())
    return {key: offered(value, day) for key, value in node.items()}


def _without_others(
    field: Mapping[str, Any], options: list[Mapping[str, Any]], day: str
) -> Mapping[str, Any]:
    kept = [one for one in options if one.get(FROM, "") <= day <= one.get(UNTIL, "9999")]
    ended = dict.fromkeys(
        str(one[ENDED]) for one in options if ENDED in one and day > one.get(UNTIL, "9999")
    )
    if not ended:
        return {**field, "oneOf": kept}
    instead = "".join(ended)
    said = {"description": f"{field.get('description', '')}{instead}"}
    return {
        **field,
        **said,
        "oneOf": kept,
        "x-errors": {"oneOf": instead, **field.get("x-errors", {})},
    }
