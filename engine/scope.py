"""Whose rows a database connection shows: row-level security, the net beneath ``engine.access``.

Queries state their own conditions; a condition somebody forgets must not show a whole table. The
web says who is acting (``within``), and every connection taken from the pool is told before its
first statement. What says nothing gets what its process is for: the web nothing, a worker or a
tool everything.

A command works in the scope of whoever gives it. It also sees the case it holds (``holding``), and
a few questions it asks ``beyond`` its scope.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import ColumnElement, SQLColumnExpression, Text, cast, func, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.access import Actor


@dataclass(frozen=True)
class Scope:
    """The rows that can be seen and written: those of these regions, units, person files.

    ``account``: also what this account handed in itself. ``request``: the number of one case,
    ``call``: the id of one service call, for those who name it without an account. ``staff``:
    commands find any person, by a keyed hash. ``people``: any person can be found. ``everything``:
    what the system does by itself.
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

#: Until the transaction ends, however it does.
_EVERYTHING = text("select set_config('app.everything', :on, true)")


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

    For a command of staff it also holds every person: somebody new to their region may be known
    in another.
    """
    scope = _scope.get() or default
    return replace(scope, people=True) if scope.staff and _commanding.get() else scope


@contextmanager
def beyond(session: Session) -> Iterator[None]:
    """Within a command of an applicant or a stranger: see everything for as long as this lasts.

    For what has to be found though it must not be shown, e.g. whether somebody is on record
    elsewhere. As short as can be, and what is found is checked before anything is said of it.
    Who works for a region needs no more than it; the system sees everything anyway.
    """
    scope: Scope = session.connection().info.get("scope", SYSTEM)
    if scope.everything or scope.staff:
        yield
        return
    session.execute(_EVERYTHING, {"on": "on"})
    try:
        yield
        session.flush()
    except DBAPIError:
        raise  # the transaction is over, and with it what was set
    except BaseException:
        session.execute(_EVERYTHING, {"on": ""})
        raise
    session.execute(_EVERYTHING, {"on": ""})


def holding(case_id: SQLColumnExpression[UUID] | UUID) -> ColumnElement[str]:
    """An expression that lets the rest of the transaction see a case and what hangs on it.

    Selected together with the case's row, it is evaluated only if that row could be seen.
    """
    return func.set_config("app.case", cast(case_id, Text), True)


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
