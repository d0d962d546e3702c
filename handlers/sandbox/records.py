"""The sandbox's own file: what arrived, what was answered, what is still to be said.

SQLite in WAL mode. Every change is one immediate transaction, so a kill at any moment leaves
either all of it or nothing. Instants are Unix seconds.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

SCHEMA = """
create table if not exists request (
    id text primary key,            -- the idempotency key
    operation text not null,
    agency text not null,
    case_no text not null,
    name text not null,
    id_no text not null,
    content text not null,          -- the request as it came first
    digest text not null,           -- of what must not differ between attempts
    behaviour text not null,
    answer text not null,           -- the reply the agency would give now
    status text not null,
    received_at real not null,
    cancelled_at real
);
create table if not exists arrival (
    id integer primary key,
    request_id text not null,
    kind text not null,             -- send | ask | cancel
    at real not null,
    outcome text not null
);
create index if not exists arrival_request on arrival (request_id);
create table if not exists effect ( -- something was done for the person; at most once a request
    id integer primary key,
    request_id text not null,
    at real not null
);
create index if not exists effect_request on effect (request_id);
create table if not exists feedback (
    id integer primary key,
    request_id text not null,
    content text not null,
    due_at real not null,           -- by the case clock
    stubborn integer not null,      -- sent even after a cancellation
    state text not null,            -- waiting | ready | sent | refused | dropped
    tries integer not null default 0,
    try_at real not null default 0, -- by the machine's clock: it concerns the wire
    note text not null default ''
);
create index if not exists feedback_request on feedback (request_id);
create index if not exists feedback_open on feedback (state, due_at);
create table if not exists instruction (
    id integer primary key,
    operation text not null,        -- empty: any
    person text not null,           -- name or identity number; empty: anybody
    behaviour text not null,
    times integer                   -- how often it still counts; null: always
);
create table if not exists sign_in ( -- at the simulated identity platform
    ticket text primary key,
    asked text not null,
    code text not null,
    claims text not null,
    access text not null default '',
    at real not null                -- by the machine's clock: it concerns the wire
);
create table if not exists outage (agency text primary key);
"""


class Records:
    """The file, opened afresh for every transaction: safe between threads and processes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sandbox.sqlite3"
        with closing(self._connect()) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction that writes; writers wait for each other."""
        with closing(self._connect()) as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """Reading only."""
        with closing(self._connect()) as connection:
            yield connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = normal")
        return connection
