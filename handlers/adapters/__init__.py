"""How a request reaches an agency. An adapter knows envelopes and wires, never business.

It hands back the answer as it came: the caller stores it first and then reads it with
``handlers.envelope.read_reply``, just like feedback that comes later.
"""

from typing import Protocol
from uuid import UUID

from handlers.envelope import Request


class Adapter(Protocol):
    """A transport to one agency. ``handlers.adapters.api`` names the errors of each act."""

    def send(self, request: Request) -> bytes:
        """Send a request and return the answer as it came."""
        ...

    def ask(self, request_id: UUID) -> bytes | None:
        """Ask what became of a request; ``None`` when the agency never got it."""
        ...

    def cancel(self, request_id: UUID, reason: str) -> bool:
        """Say that a request is no longer wanted; ``False`` when it is too late to stop."""
        ...
