"""The fixtures' database, seen as the application sees it."""

from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from engine.database import prepare_database
from engine.embedded_postgres import EmbeddedPostgres
from engine.errors import CannotStart
from engine.models import Base, Setting
from engine.settings import Settings
from tests.conftest import Database


def test_the_application_is_neither_owner_nor_superuser(session: Session) -> None:
    assert session.scalar(text("select current_user")) == "yjs_app"
    rights = session.execute(
        text("select rolsuper, rolbypassrls, rolcreatedb from pg_roles where rolname=current_user")
    ).one()
    assert tuple(rights) == (False, False, False)
    owners = session.scalars(text("select tableowner from pg_tables where schemaname='public'"))
    assert set(owners) == {"yjs_owner"}


def test_the_application_cannot_change_the_schema(session: Session) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("create table mine (id int)"))


def test_a_commit_in_a_rolled_back_test_leaves_nothing(
    session: Session, owner_engine: Engine
) -> None:
    session.add(Setting(key="here", value=1))
    session.commit()
    assert session.get(Setting, "here") is not None
    with owner_engine.connect() as owner:
        assert owner.scalar(text("select count(*) from setting where key = 'here'")) == 0


def test_commits_in_a_database_of_its_own_are_real(database: Database) -> None:
    with Session(database.engine) as first, first.begin():
        first.add(Setting(key="here", value=1))
    with Session(database.engine) as second:
        assert second.get(Setting, "here") is not None


def test_sessions_speak_utc_and_give_up_idle_transactions(session: Session) -> None:
    assert session.scalar(text("show timezone")) == "UTC"
    assert session.scalar(text("show idle_in_transaction_session_timeout")) == "1min"


def test_connections_the_server_ended_are_replaced_before_use(database: Database) -> None:
    pid = text("select pg_backend_pid()")
    with Session(database.engine) as first, Session(database.engine) as second:
        kept = {first.scalar(pid), second.scalar(pid)}
    with Session(database.engine) as session:
        (other,) = kept - {session.scalar(pid)}
        assert session.scalar(text("select pg_terminate_backend(:pid, 5000)"), {"pid": other})
        with Session(database.engine) as next_session:
            assert next_session.scalar(pid) not in kept


def test_other_keys_than_the_data_was_sealed_under_start_nothing(
    database_settings: Settings,
) -> None:
    prepare_database(database_settings).close()
    prepare_database(database_settings).close()
    with pytest.raises(CannotStart, match="密钥与数据库不符"):
        prepare_database(replace(database_settings, master_key=b"x" * 32))


def test_a_role_that_no_row_is_kept_from_starts_nothing_unless_it_is_wanted(
    database_settings: Settings, postgres: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    owner = replace(database_settings, database_url=database_settings.database_owner_url)
    name = str(make_url(str(owner.database_url)).database)
    boss = replace(database_settings, database_url=postgres.url("postgres", name))
    prepare_database(replace(database_settings, demo=False)).close()
    assert not caplog.records
    for settings in (owner, boss):
        with pytest.raises(CannotStart, match="YIJIANSHI_ONE_ROLE"):
            prepare_database(replace(settings, demo=False))
        for wanted in (replace(settings, demo=False, one_role=True), replace(settings, demo=True)):
            caplog.clear()
            prepare_database(wanted).close()
            assert "不受行级安全约束" in caplog.text


def test_the_models_and_the_migrations_say_the_same(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _ours, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def _ours(name: str | None, kind: str, parent: object) -> bool:
    return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))
