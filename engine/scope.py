"""Whose rows a database connection shows: row-level security, the net beneath ``engine.access``.

Queries state their own conditions; a condition somebody forgets must not show a whole table. The
web says who is acting (``within``), and every connection taken from the pool is told before its
first statement. What says nothing gets what its process is for: the web nothing, a worker or a
tool everything.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg

from engine.access import Actor


@dataclass(frozen=True)
class Scope:
    """The rows that can be seen and written: those of these regions, units, person files.

    ``account``: also what this account handed in itself. ``request``: the number of one case,
    ``call``: the id of one service call, for those who name it without an account. ``staff``: a
    command stays within these rows, too. ``people``: any person can be found, by whoever asks for
    one by a keyed hash. ``everything``: what the system does by itself.
    """

    regions: frozenset[str] = frozenset()
    units: frozenset[UUID] = frozenset()
    files: frozenset[UUID] = frozenset()
    account: UUID | None = None
    request: str = ""
    call: UUID | None = None
    staff: bool = False
    people: bool = False
    everything: bool = False


NOTHING = Scope()
SYSTEM = Scope(everything=True)

_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
_commanding: ContextVar[bool] = ContextVar("commanding", default=False)

#: Lasts until the next one who takes the connection is told theirs; see ``tell``.
_TELL = (
    "select set_config('app.everything', %s, false), set_config('app.people', %s, false),"
    " set_config('app.regions', %s, false), set_config('app.units', %s, false),"
    " set_config('app.files', %s, false), set_config('app.account', %s, false),"
    " set_config('app.request', %s, false), set_config('app.call', %s, false)"
)


def scope_of(actor: Actor) -> Scope:
    """What somebody signed in may see: the regions, units or files ``engine.access`` goes by."""
    if actor.kind == "system":
        return SYSTEM
    if actor.kind == "staff":
        return Scope(regions=actor.regions, account=actor.account_id, staff=True)
    return Scope(units=actor.units, files=actor.files, account=actor.account_id)


def begin(scope: Scope) -> Token[Scope | None]:
    """From now on this is the scope of this thread's work; ``end`` takes it back."""
    return _scope.set(scope)


def end(token: Token[Scope | None]) -> None:
    """The scope is again what it was before ``begin``."""
    _scope.reset(token)


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Work within a scope. A connection that is held already keeps the one it was taken with."""
    token = begin(scope)
    try:
        yield
    finally:
        end(token)


@contextmanager
def commanding(yes: bool) -> Iterator[None]:
    """Take connections for a command, or for queries again."""
    token = _commanding.set(yes)
    try:
        yield
    finally:
        _commanding.reset(token)


def current(default: Scope) -> Scope:
    """The scope a connection is taken with.

    A command of an applicant works under the system's: it has to find what it must not show
    (whether the person has a case elsewhere, who waits for its message), and asks for its own
    rights with the rows locked. One of staff stays within their regions.
    """
    scope = _scope.get() or default
    if not _commanding.get() or scope.everything:
        return scope
    return replace(scope, people=True) if scope.staff else SYSTEM


def tell(connection: psycopg.Connection[Any], scope: Scope) -> None:
    """Tell a connection nobody is using whose rows it shows, until it is told again.

    Not for one transaction only: queries run without any, and a transaction that fails would take
    the word back. So whoever takes a connection from the pool is asked, every time.
    """
    connection.autocommit = True
    connection.execute(
        _TELL,
        (
            "on" if scope.everything else "",
            "on" if scope.people else "",
            _array(scope.regions),
            _array(scope.units),
            _array(scope.files),
            str(scope.account or ""),
            scope.request,
            str(scope.call or ""),
        ),
    )
    connection.autocommit = False


def _array(values: Collection[object]) -> str:
    """An array as PostgreSQL spells it; codes of regions and ids hold nothing to be escaped."""
    return "{" + ",".join(sorted(f'"{value}"' for value in values)) + "}"
