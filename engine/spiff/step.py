"""What the process engine tells the rest of the engine: waits, visits and steps.

These are the only words that cross the wall around SpiffWorkflow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

WaitKind = Literal["user", "call", "timer", "message"]


@dataclass(frozen=True)
class Wait:
    """One place where a case waits for the world.

    ``token`` names the wait for as long as it lives, across saves and loads.
    ``callers`` are the lanes of the call activities around it, innermost first.
    ``item`` is the code of the joint item whose call activity encloses the element, if any.
    ``properties`` are the element's ``spiffworkflow:properties``.
    ``parameters`` are a service task's evaluated parameters; they may hold personal data.
    """

    token: UUID
    kind: WaitKind
    element: str
    process: str
    name: str
    lane: str | None = None
    callers: tuple[str, ...] = ()
    item: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    operation: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Visit:
    """An element the token entered or a flow it took (``kind``: BPMN tag or ``sequenceFlow``).

    A user task, call or called process is visited when it is entered, so an ``item_state`` among
    the properties takes effect then; that it was left again is told by ``Step.closed``.
    ``item`` is the joint item the element belongs to: its own property, that of the activity it is
    a boundary of, or that of the nearest call activity around it.
    """

    element: str
    process: str
    kind: str
    name: str = ""
    item: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None


@dataclass(frozen=True)
class Closed:
    """A wait that ended: passed by its token, or cancelled by a boundary event."""

    wait: Wait
    cancelled: bool = False


@dataclass(frozen=True)
class Step:
    """The difference one advance of a case made.

    ``outcome`` is the end event reached by the outermost process, once ``finished``.
    Visits are in the order in which the token passed; send tasks among them are notices.
    """

    opened: tuple[Wait, ...] = ()
    closed: tuple[Closed, ...] = ()
    visits: tuple[Visit, ...] = ()
    finished: bool = False
    outcome: Visit | None = None
