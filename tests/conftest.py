"""A real PostgreSQL for every test: one server per run, in memory, one template, many copies.

``session``, ``connection``   rolled back after the test; code under test may commit (savepoints)
``database``                  a database of its own with real commits: for workers, locks and kills
``owner_engine``              ``connection``'s database as its owner: to look behind the scenes

Everything else runs as the restricted role ``yjs_app``, as in production.
"""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from engine import accounts
from engine.database import APPLICATION_ROLE, OWNER_ROLE, connect, make_database, upgrade
from engine.embedded_postgres import EmbeddedPostgres
from engine.leaks import find_leaks
from engine.queries.leaks import database_leaks
from engine.settings import Settings

# A busy machine is no fault of the code under test.
hypothesis_settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("busy")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No test passes whose programs wrote a number of a person into their log."""
    report = yield
    lines = [line for _, said in report.sections for line in said.splitlines()]
    found = {str(leak) for line in lines if _LOGGED.match(line) for leak in find_leaks("log", line)}
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = "numbers in the log:\n" + "\n".join(sorted(found))
    return report


TEMPLATE = "template_migrated"
#: A line of our log as JSON, or of a library's.
_LOGGED = re.compile(r"\{\"|[A-Z]+ +[\w.:]+")
MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108


# Real hashes of passwords, but not made to be slow.
accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Database:
    """A migrated database of one test.

    Args:
        url, owner_url: SQLAlchemy addresses as ``yjs_app`` and as ``yjs_owner``.
        engine: connected as ``yjs_app``.
    """

    name: str
    url: str
    owner_url: str
    engine: Engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this run, shared by all xdist workers; the last one out removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    _sweep_up_killed_runs()
    folder = MEMORY / f"yijianshi-test-{os.geteuid()}-{run[:12]}"
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(server)
    yield server
    if server.stop():
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def shared_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """This worker's database for tests that roll back. Nothing is ever committed to it."""
    with copy_of_template(postgres) as database:
        yield database


@pytest.fixture
def connection(shared_database: Database) -> Iterator[Connection]:
    """A connection whose transaction is rolled back after the test."""
    with shared_database.engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session on ``connection``; its commits are savepoints and vanish with the test."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def owner_engine(shared_database: Database) -> Iterator[Engine]:
    """The shared database as its owner. Do not commit through it."""
    engine = create_engine(shared_database.owner_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database of the test's own, with real commits."""
    with copy_of_template(postgres) as database:
        yield database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in an empty folder, without a database, with known keys and a quick heartbeat."""
    return settings_in(tmp_path)


def settings_in(folder: Path) -> Settings:
    """Settings like ``settings``, in a folder of the caller's."""
    return Settings.from_environment(
        {
            "YIJIANSHI_DATA": str(folder / "var"),
            "YIJIANSHI_DEMO": "1",
            "YIJIANSHI_HEARTBEAT": "0.5",
            "YIJIANSHI_STALL": "1.5",
            "YIJIANSHI_MASTER_KEY": "11" * 32,
            "YIJIANSHI_INDEX_KEY": "22" * 32,
            "YIJIANSHI_SESSION_SECRET": "33" * 32,
            "YIJIANSHI_AGENCY_SECRET": "44" * 32,
        }
    )


@pytest.fixture
def database_settings(settings: Settings, database: Database) -> Settings:
    """``settings`` that lead to ``database``: what a process under test is started with."""
    return replace(settings, database_url=database.url, database_owner_url=database.owner_url)


def _make_template(server: EmbeddedPostgres) -> None:
    """Migrate once. Under the run's lock; the other workers find it made."""
    with _superuser(server) as superuser:
        if TEMPLATE in superuser.scalars(text("select datname from pg_database")):
            return
    make_database(server, "template_raw")
    upgrade(server.url(OWNER_ROLE, "template_raw"))
    with _superuser(server) as superuser:
        # renamed last: a template that exists is complete
        superuser.execute(text(f"alter database template_raw rename to {TEMPLATE}"))


@contextmanager
def copy_of_template(server: EmbeddedPostgres) -> Iterator[Database]:
    """A database like ``database``, for as long as the caller wants it."""
    name = f"test_{uuid4().hex[:16]}"
    with _superuser(server) as superuser:
        superuser.execute(
            text(
                f"create database {name} template {TEMPLATE} strategy file_copy owner {OWNER_ROLE}"
            )
        )
    url = server.url(APPLICATION_ROLE, name)
    engine = connect(url, "tool")
    database = Database(name, url, server.url(OWNER_ROLE, name), engine)
    yield database
    engine.dispose()
    try:
        _find_no_number(database)
    finally:
        with _superuser(server) as superuser:
            superuser.execute(text(f"drop database {name} with (force)"))


def _find_no_number(database: Database) -> None:
    """Whatever a test did with a database of its own, it left no number in the clear."""
    engine = create_engine(database.owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = sorted({str(leak) for leak in database_leaks(connection)})
    assert not found, "\n".join(found)


@contextmanager
def _superuser(server: EmbeddedPostgres) -> Iterator[Connection]:
    engine = create_engine(
        server.url("postgres", "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        yield connection


def _sweep_up_killed_runs() -> None:
    """End and remove servers of earlier runs that were killed; one worker sweeps at a time."""
    with (MEMORY / f"yijianshi-sweep-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep()


def _sweep() -> None:
    for folder in MEMORY.glob(f"yijianshi-test-{os.geteuid()}-*"):
        # a run that is just starting is younger than this
        if time.time() - folder.stat().st_mtime < 600:
            continue
        left_behind = EmbeddedPostgres(folder, forgetful=True)
        left_behind.start()
        if left_behind.stop():
            shutil.rmtree(folder)
