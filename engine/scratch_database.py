"""A migrated, empty database that is thrown away: for playing scenarios.

It stands on the installation's embedded server even where the cases live elsewhere
(``DATABASE_URL``): a story moves its clock by months and counts every task it finds, so it must
never meet a real case.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from engine.database import APPLICATION_ROLE, OWNER_ROLE, connect, make_database, upgrade
from engine.embedded_postgres import EmbeddedPostgres
from engine.settings import Settings

NAME = "yijianshi_scratch"


@contextmanager
def scratch_database(settings: Settings) -> Iterator[Engine]:
    """Make the database, give it out connected as the application role, and drop it afterwards.

    Two that ask at once take turns; what a killed process left behind is dropped first.

    Args:
        settings: only the data folder counts.

    Raises:
        CannotStart: the embedded server does not run here; the message says why.
    """
    server = EmbeddedPostgres(settings.data / "postgres")
    server.start()
    try:
        with _superuser(server) as superuser:
            superuser.execute(text("select pg_advisory_lock(hashtext(:name))"), {"name": NAME})
            _drop(superuser)
            try:
                make_database(server, NAME)
                upgrade(server.url(OWNER_ROLE, NAME))
                engine = connect(server.url(APPLICATION_ROLE, NAME), "tool")
                try:
                    yield engine
                finally:
                    engine.dispose()
            finally:
                _drop(superuser)
    finally:
        server.stop()


def _drop(superuser: Connection) -> None:
    superuser.execute(text(f"drop database if exists {NAME} with (force)"))


@contextmanager
def _superuser(server: EmbeddedPostgres) -> Iterator[Connection]:
    engine = create_engine(
        server.url("postgres", "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        yield connection
