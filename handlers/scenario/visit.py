"""Looking at a page of the real web application in the middle of a story.

Handlers know no pages: whoever runs stories (the command line, the tests) hands a visitor in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.access import Actor
from engine.runtime import Runtime


@dataclass(frozen=True)
class Seen:
    """What came back: the HTTP status, and everything that can be read."""

    status: int
    text: str


#: Fetches an address as an actor (``None``: a stranger); redirects are not followed.
Visitor = Callable[[Runtime, Actor | None, str], Seen]


def fill(path: str, names: Mapping[str, str]) -> str | None:
    """Put the case number and the ids of open tasks into an address; ``None`` if one is missing."""
    try:
        return path.format_map(names)
    except (KeyError, IndexError, ValueError, AttributeError):
        return None
