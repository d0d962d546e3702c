"""The fixtures' database, seen as the application sees it."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from engine.models import Setting
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
