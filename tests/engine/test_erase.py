"""Erasing by rule: what was sealed reads never again, and everything else still holds."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, Table, select, text, update

from engine import applications
from engine.accounts import actor_of
from engine.clock import at
from engine.commands import erase as erasing
from engine.commands.erase import erase
from engine.commands.start_case import start_case
from engine.commands.store_attachment import store_attachment
from engine.commands.withdraw_case import withdraw_case
from engine.errors import Invalid
from engine.history import verify
from engine.models import (
    Account,
    Base,
    Case,
    CaseEvent,
    DataKey,
    Member,
    Person,
    PersonFile,
    Timer,
    WorkItem,
)
from engine.people import find_file, record_sections
from engine.queries.audit import audit
from engine.queries.case_page import case_page
from engine.queries.find_cases import find_cases
from engine.queries.retention import due_erasures
from engine.retention import ERASED
from engine.sealing import SealingKey, Unsealable
from tests.conftest import Database
from tests.engine.test_way_of_a_case import apply_for_everything
from tests.media import PDF
from tests.stage import PREREVIEW, RETIREE, Stage

#: 50 years from the January after 2027.
LAST_DAY, DUE_DAY = at(date(2077, 12, 31), 23), at(date(2078, 1, 1), 0)


@pytest.fixture
def no(stage: Stage) -> str:
    """张建国's joint case, withdrawn; the pre-review is closed, too, and nothing is to come."""
    return all_over(stage)


def all_over(stage: Stage) -> str:
    no = apply_for_everything(stage)
    withdraw_case(stage.runtime, no, stage.ming)
    with stage.runtime.transaction() as session:
        session.execute(update(Timer).values(fired_at=stage.clock.now()))
    return no


def move(stage: Stage, now: datetime) -> None:
    stage.clock.set(now)


def erase_all(stage: Stage) -> list[bool]:
    return [erase(stage.runtime, due.key_id) for due in due_erasures(stage.runtime)]


def test_nothing_is_due_before_its_day(stage: Stage, no: str) -> None:
    move(stage, LAST_DAY)
    assert due_erasures(stage.runtime) == []
    move(stage, DUE_DAY)
    (due,) = due_erasures(stage.runtime)
    assert no in due.cases and len(due.cases) == 2
    assert due.due_at == DUE_DAY


def test_a_command_does_not_trust_a_list_made_too_early(stage: Stage, no: str) -> None:
    with stage.runtime.reading() as session:
        (key_id,) = session.scalars(select(Person.data_key_id))
    assert erase(stage.runtime, key_id) is False
    assert case_page(stage.runtime, no, stage.li).sections["person"]["id_no"] == RETIREE["id_no"]


def test_after_erasure_nothing_sealed_can_be_read(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    with stage.runtime.reading() as session:
        wrapped = session.scalars(
            select(DataKey.wrapped).join(Person, Person.data_key_id == DataKey.id)
        ).one()
        was = stage.runtime.keyring.unwrap(wrapped)
    assert sealed(stage, was), "nothing would be proved by nothing"
    assert erase_all(stage) == [True]
    with stage.runtime.reading() as session:
        key = session.scalars(select(DataKey).join(Person, Person.data_key_id == DataKey.id)).one()
        assert (key.wrapped, key.destroyed_at) == (None, DUE_DAY)
        with pytest.raises(Unsealable):
            stage.runtime.keyring.unwrap(key.wrapped)
        for other in session.scalars(select(DataKey.wrapped).where(DataKey.wrapped.is_not(None))):
            assert sealed(stage, stage.runtime.keyring.unwrap(other)) == []
        assert find_file(stage.runtime, session, "jilin", RETIREE["id_no"]) is None


def sealed(stage: Stage, key: SealingKey) -> list[str]:
    """Every sealed column of the database that a key opens."""
    opened = []
    with stage.runtime.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not column.name.endswith("_sealed"):
                    continue
                for (content,) in session.execute(select(column).where(column.is_not(None))):
                    try:
                        key.open(bytes(content))
                    except Unsealable:
                        continue
                    opened.append(f"{table.name}.{column.name}")
    return opened


def test_no_column_tells_the_name_but_the_history(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    erase_all(stage)
    telling = set(columns_with(stage, RETIREE["name"]))
    assert telling <= {"case_event.title", "case_event.actor"}
    assert columns_with(stage, RETIREE["id_no"]) == []


def columns_with(stage: Stage, words: str) -> list[str]:
    """Every column, sealed or not, in which these words can be read."""
    with stage.runtime.reading() as session:
        return [
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if session.scalar(_holding(table, column), {"words": words, "like": f"%{words}%"})
        ]


def _holding(table: Table, column: Column[Any]) -> Any:
    held = f"position(convert_to(:words, 'UTF8') in \"{column.name}\") > 0"
    if not isinstance(column.type, LargeBinary):
        held = f'"{column.name}"::text like :like'
    return text(f'select 1 from "{table.name}" where {held} limit 1')


def test_the_audit_and_the_hash_chain_still_hold(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    erase_all(stage)
    assert audit(stage.runtime) == []
    with stage.runtime.reading() as session:
        ids = session.scalars(select(Case.id)).all()
        assert [verify(session, one) for one in ids] == [None] * len(ids)
        kinds = session.scalars(select(CaseEvent.kind).where(CaseEvent.kind == "erased")).all()
    assert len(kinds) == 2


def test_an_audit_finds_an_erasure_the_history_does_not_tell_of(stage: Stage, no: str) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(DataKey).values(wrapped=None))
    assert any("按规定删除" in finding for finding in audit(stage.runtime))


def test_the_case_page_and_lists_still_open(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    erase_all(stage)
    page = case_page(stage.runtime, no, stage.li)
    assert page.erased_at == DUE_DAY
    assert page.sections == {}
    assert {notice.body for notice in page.notices} == {ERASED}
    assert page.events[-1].kind == "erased"
    assert no in {case.no for case in find_cases(stage.runtime, stage.li, "").rows}


def test_erasing_again_changes_nothing(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    (due,) = due_erasures(stage.runtime)
    assert erase(stage.runtime, due.key_id) is True
    assert erase(stage.runtime, due.key_id) is False
    assert due_erasures(stage.runtime) == []
    assert audit(stage.runtime) == []


def test_a_person_with_an_open_case_is_never_erased(stage: Stage, no: str) -> None:
    with stage.runtime.reading() as session:
        (key_id,) = session.scalars(select(Person.data_key_id))
    facts = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}
    stage.start("joint_case", stage.ming, facts)
    move(stage, DUE_DAY)
    assert due_erasures(stage.runtime) == []
    assert erase(stage.runtime, key_id) is False


def test_a_day_to_come_keeps_the_file(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    with stage.runtime.transaction() as session:
        file = session.scalars(select(PersonFile)).one()
        session.add(Timer(kind="file", ref=f"{file.id}/prereview_due", due_at=DUE_DAY))
    assert due_erasures(stage.runtime) == []


def test_a_running_batch_keeps_its_members(stage: Stage, no: str) -> None:
    with stage.runtime.transaction() as session:
        (file_id,) = session.scalars(select(PersonFile.id))
    stage.start("record_prereview", stage.li, {**RETIREE, "id_no": "220199196611200032"})
    with stage.runtime.transaction() as session:
        batch = session.scalars(select(Case.id).where(Case.status == "running")).one()
        session.add(Member(batch_id=batch, position=1, file_id=file_id))
    move(stage, DUE_DAY)
    assert due_erasures(stage.runtime) == []


def test_the_person_can_come_again_and_begins_anew(stage: Stage, no: str) -> None:
    move(stage, DUE_DAY)
    with stage.runtime.transaction() as session:
        old = session.scalars(select(PersonFile)).one()
    erase_all(stage)
    with stage.runtime.transaction() as session, pytest.raises(Unsealable):
        record_sections(stage.runtime, session, old, {"prereview": PREREVIEW}, "测试")
    with pytest.raises(Invalid):
        start_case(
            *(stage.runtime, "jilin", "joint_case"),
            {"name": RETIREE["name"], "id_no": RETIREE["id_no"]},
            stage.ming,
        )
    again = stage.start("record_prereview", stage.li, RETIREE)
    page = case_page(stage.runtime, again.no, stage.li)
    assert page.sections["person"]["id_no"] == RETIREE["id_no"]


def test_the_retirees_account_is_closed(stage: Stage, no: str) -> None:
    with stage.runtime.reading() as session:
        (person_id,) = session.scalars(select(Person.id))
    retiree = stage.account("gr", RETIREE["name"], "person", person_id=person_id)
    move(stage, DUE_DAY)
    erase_all(stage)
    with stage.runtime.reading() as session:
        account = session.get_one(Account, retiree.account_id)
        assert (account.active, account.name) == (False, ERASED)
        assert actor_of(session, account.id) is None


def test_files_handed_in_are_erased_with_the_rest(stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    task = next(iter(stage.tasks().values()))
    store_attachment(stage.runtime, f"{RETIREE['name']}.pdf", PDF, stage.li, task.id)
    with stage.runtime.transaction() as session:
        session.execute(update(WorkItem).values(state="cancelled", closed_at=stage.clock.now()))
        closed = {"status": "closed", "closed_at": stage.clock.now()}
        session.execute(update(Case).values(closed))
        session.execute(update(Timer).values(fired_at=stage.clock.now()))
    move(stage, DUE_DAY)
    assert erase_all(stage) == [True]
    assert "attachment.name" not in columns_with(stage, RETIREE["name"])


WHO = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}


def meanwhile(stage: Stage, work: Callable[[], Any]) -> "Future[Any]":
    """Have somebody else begin this, and go on when they wait for a lock (or are through)."""
    begun = ThreadPoolExecutor(1).submit(work)
    waiting = text(
        "select 1 from pg_locks join pg_stat_activity using (pid)"
        " where not granted and datname = current_database() limit 1"
    )
    while not begun.done():
        with stage.runtime.reading() as session:
            if session.scalar(waiting):
                break
        time.sleep(0.02)
    return begun


def test_a_case_begun_at_the_same_moment_keeps_its_key(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(database.engine)
    all_over(stage)
    move(stage, DUE_DAY)
    (due,) = due_erasures(stage.runtime)
    launch, others = applications.launch, []

    def launch_late(opened: Any) -> None:
        others.append(meanwhile(stage, lambda: erase(stage.runtime, due.key_id)))
        launch(opened)

    monkeypatch.setattr(applications, "launch", launch_late)
    begun = stage.start("joint_case", stage.ming, WHO)
    assert others[0].result() is False
    page = case_page(stage.runtime, begun.no, stage.li)
    assert page.sections["person"]["id_no"] == RETIREE["id_no"]


def test_a_case_begun_during_an_erasure_is_not_sealed_under_a_dead_key(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(database.engine)
    all_over(stage)
    move(stage, DUE_DAY)
    (due,) = due_erasures(stage.runtime)
    blank, others = erasing._blank_people, []

    def blank_late(session: Any, key_id: Any) -> None:
        others.append(meanwhile(stage, lambda: stage.start("joint_case", stage.ming, WHO)))
        blank(session, key_id)

    monkeypatch.setattr(erasing, "_blank_people", blank_late)
    assert erase(stage.runtime, due.key_id) is True
    with pytest.raises(Unsealable):
        others[0].result()
    with stage.runtime.reading() as session:
        assert session.scalars(select(Case.no).where(Case.status == "running")).all() == []
    assert audit(stage.runtime) == []
