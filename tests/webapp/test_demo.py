"""The demonstration's accounts, people and cases."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.access import Actor
from engine.accounts import actor_of, sign_in
from engine.clock import at
from engine.commands.submit_form import Submitted, submit_form
from engine.identity import check_id_no
from engine.models import Account, Base, Case, FileSection, WorkItem
from engine.queries.audit import audit
from engine.queries.worklist import worklist
from tests.conftest import Database
from tests.stage import Stage
from webapp import demo


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin published, and the demonstration made once."""
    stage = Stage(database.engine)
    demo.create(stage.runtime)
    return stage


def rows(stage: Stage) -> dict[str, int]:
    with stage.runtime.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def signed_in(stage: Stage, login: str) -> Actor:
    with stage.runtime.reading() as session:
        account = sign_in(session, login, demo.PASSWORD)
        assert account is not None
        actor = actor_of(session, account.id)
        assert actor is not None
        return actor


def test_making_it_again_even_days_later_changes_nothing(stage: Stage) -> None:
    before = rows(stage)
    stage.clock.advance(timedelta(days=40))
    demo.create(stage.runtime)
    assert rows(stage) == before


class KilledHere(Exception):
    """The first start ends at this command."""


@pytest.mark.parametrize("survived", [0, 1, 4, 9])
def test_a_first_start_killed_at_any_command_is_completed_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    stage = Stage(database.engine)
    submitted = 0

    def submit_or_die(*args: Any) -> Submitted:
        nonlocal submitted
        if submitted == survived:
            raise KilledHere
        submitted += 1
        return submit_form(*args)

    with monkeypatch.context() as patched:
        patched.setattr(demo, "submit_form", submit_or_die)
        with pytest.raises(KilledHere):
            demo.create(stage.runtime)
    demo.create(stage.runtime)
    with stage.runtime.reading() as session:
        cases = session.execute(select(Case.process, Case.subject)).all()
        on_record = session.scalars(select(FileSection.name)).all()
    assert Counter(process for process, _ in cases) == {"record_prereview": 6, "joint_case": 3}
    assert len(set(cases)) == len(cases)
    assert Counter(on_record) == {"prereview": 6, "contribution_check": 5}


def test_everybody_shown_can_sign_in(stage: Stage) -> None:
    for account in demo.ACCOUNTS:
        assert signed_in(stage, account.login).kind == account.kind


def test_the_people_can_belong_to_nobody(stage: Stage) -> None:
    since = date(2027, 4, 20)
    for person in demo.PEOPLE:
        assert check_id_no(person.id_no(since)).startswith("220199")


@pytest.mark.parametrize("since", [date(2026, 11, 21), date(2027, 2, 28), date(2029, 8, 31)])
def test_retirement_follows_from_birth_by_the_gradual_delay(since: date) -> None:
    for person in demo.PEOPLE:
        birth, retire = person.birth(since), person.retire_date(since)
        age = 60 if person.turn % 2 else 55
        original = (birth.year + age - 2025) * 12 + birth.month
        delay = max(0, -(-original // 4))
        assert (retire.year - 2025) * 12 + retire.month == original + delay, person.name


def test_cases_stand_at_different_stages(stage: Stage) -> None:
    employer = signed_in(stage, "dw01")
    assert [row.element for row in worklist(stage.runtime, employer).rows] == ["choose_items"]
    checker = signed_in(stage, "sb01")
    assert [row.subject for row in worklist(stage.runtime, checker).rows] == ["赵桂兰"]
    with stage.runtime.reading() as session:
        assert session.scalars(select(Case.subject).where(Case.process == "joint_case")).all()
        assert session.scalar(select(func.count(WorkItem.id)))
        assert session.scalar(select(Account.login).where(Account.login == "gr01"))


def test_everything_on_record_fits_together(stage: Stage) -> None:
    assert audit(stage.runtime) == []


def test_whoever_starts_in_the_small_hours_meets_people_who_retired_the_day_before(
    database: Database,
) -> None:
    stage = Stage(database.engine, now=at(date(2027, 4, 20), 2))
    with stage.runtime.transaction() as session:
        assert demo.first_start(session, stage.runtime) == date(2027, 4, 19)
