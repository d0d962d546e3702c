"""Looking at a page of the real web application in the middle of a story.

Handlers know no pages: whoever runs stories (the command line, the tests) hands a visitor in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flask import Flask

from engine.access import Actor
from engine.runtime import Runtime


@dataclass(frozen=True)
class Seen:
    """What came back: the HTTP status, and everything that can be read."""

    status: int
    text: str


@dataclass(frozen=True)
class Arrival:
    """Somebody who comes in through the identity platform.

    Args:
        region: whose platform.
        who: as the platform's page to scan calls them, e.g. ``person:0`` or ``legal:0:1``.
        uscc: with it, a unit that signs in with its password instead.
        channel, process: the link of the portal that is followed first; empty for none.
    """

    region: str
    who: str
    uscc: str = ""
    channel: str = ""
    process: str = ""


class Visitor(Protocol):
    """Opens pages as an actor (``None``: a stranger)."""

    def __call__(
        self,
        runtime: Runtime,
        actor: Actor | None,
        path: str,
        form: Mapping[str, str | list[str]] | None = None,
        came_to: str | None = None,
    ) -> Seen:
        """Fetch an address, following no redirect; with a ``form``, send that and follow them.

        ``came_to``: the region whose portal the actor came from.
        """

    def arrive(self, runtime: Runtime, platform: Flask, arrival: Arrival) -> Seen:
        """Sign in through the simulated platform, going wherever a browser is sent."""


def fill(path: str, names: Mapping[str, str]) -> str | None:
    """Put the case number and the ids of open tasks into an address; ``None`` if one is missing."""
    try:
        return path.format_map(names)
    except (KeyError, IndexError, ValueError, AttributeError):
        return None
