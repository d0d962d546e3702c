"""The migrations and the models describe the same database."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from engine.database import _alembic
from engine.models import Base


def _ours(name: str | None, kind: str, _parent: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def test_the_models_are_what_the_migrations_make(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(_alembic()).get_heads()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update case_event set title = 'x'",
        "delete from case_event",
        "update blob set content = ''",
        "update release set region = 'x'",
        "create table mine (id int)",
        "alter table case_ add column x int",
        "drop table draft",
    ],
)
def test_the_application_role_cannot_rewrite_history_or_tables(
    connection: Connection, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.execute(text(statement))


def test_not_even_the_owner_rewrites_history(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("delete from case_event"))
