"""The one PostgreSQL under both systems, looked at as its superuser: never through the product."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import StaticPool

from engine.embedded_postgres import EmbeddedPostgres

EXTENSION = "pg_stat_statements"


@contextmanager
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """The embedded server as it comes (fsync on), counting statements."""
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    with superuser(postgres, "postgres") as database:
        database.run(f"alter system set shared_preload_libraries = '{EXTENSION}'")
    postgres.stop()
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


@dataclass(frozen=True)
class Database:
    """A database of the server, as its superuser."""

    engine: Engine

    def run(self, sql: str, **values: Any) -> None:
        """Execute a statement."""
        with self.engine.connect() as connection:
            connection.execute(text(sql), values)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """Execute a query; return its rows."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def value(self, sql: str, **values: Any) -> Any:
        """Execute a query; return its one value."""
        return self.rows(sql, **values)[0][0]

    def count_afresh(self) -> None:
        """Forget the statements counted so far."""
        self.run(f"select {EXTENSION}_reset()")

    def statements(self, role: str) -> int:
        """Statements of a role in this database since; transaction control does not count."""
        return int(
            self.value(
                f"""
                select coalesce(sum(calls), 0) from {EXTENSION} s
                  join pg_database d on d.oid = s.dbid join pg_roles r on r.oid = s.userid
                 where d.datname = current_database() and r.rolname = :role
                   and s.query !~* '^(begin|commit|rollback|savepoint|release)'
                """,  # noqa: S608
                role=role,
            )
        )

    def size(self) -> int:
        """Bytes of all tables with their indexes, rewritten first so that no gaps count."""
        self.run("vacuum full")
        return int(
            self.value(
                """
                select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c
                  join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = 'public' and c.relkind = 'r'
                """
            )
        )


@contextmanager
def superuser(postgres: EmbeddedPostgres, name: str) -> Iterator[Database]:
    """Open a database as superuser."""
    engine = create_engine(
        postgres.url("postgres", name), poolclass=StaticPool, isolation_level="AUTOCOMMIT"
    )
    try:
        yield Database(engine)
    finally:
        engine.dispose()
