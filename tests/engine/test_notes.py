"""备注: what staff tell each other about a case, and nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from engine.commands.write_note import LONGEST_NOTE, read_mentions, take_back_note, write_note
from engine.database import connect
from engine.errors import Conflict, EngineError, Invalid, NotFound
from engine.models import Case, DataKey, Mention, Note
from engine.queries.case_page import case_page
from engine.queries.notes import count_mentions, mentions, notes_of
from engine.retention import ERASED
from engine.scope import scope_of, within
from tests.conftest import Database
from tests.engine.test_way_of_a_case import apply_for_everything
from tests.stage import RETIREE, Stage

SAID = "张建国来电：社保卡丢失，@小赵 请协助"


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with a case under way."""
    return Stage(database.engine)


@pytest.fixture
def no(stage: Stage) -> str:
    return apply_for_everything(stage)


def test_a_note_is_kept_sealed_and_calls_whom_it_names(stage: Stage, no: str) -> None:
    events = len(case_page(stage.runtime, no, stage.li).events)
    write_note(stage.runtime, no, f"  {SAID}\r\n", [], stage.li)
    (line,) = notes_of(stage.runtime, no, stage.mate).notes
    assert (line.author, line.text, line.unread) == ("小李", SAID, True)
    assert [one.text for one in mentions(stage.runtime, stage.mate)] == [SAID]
    assert count_mentions(stage.runtime, stage.mate) == 1
    assert count_mentions(stage.runtime, stage.li) == 0
    page = case_page(stage.runtime, no, stage.li)
    assert len(page.events) == events and SAID not in repr(page.sections)
    with stage.runtime.reading() as session:
        assert "社保卡".encode() not in bytes(
            session.scalars(select(Note.text_sealed)).one() or b""
        )


def test_who_reads_a_note_has_read_what_calls_them(stage: Stage, no: str) -> None:
    write_note(stage.runtime, no, "请看", [stage.mate.account_id], stage.li)  # type: ignore[list-item]
    read_mentions(stage.runtime, stage.mate, "JL0")
    assert count_mentions(stage.runtime, stage.mate) == 1
    read_mentions(stage.runtime, stage.mate, no)
    assert count_mentions(stage.runtime, stage.mate) == 0
    assert [one.unread for one in mentions(stage.runtime, stage.mate)] == [False]


def test_only_colleagues_who_may_see_the_case_are_called(stage: Stage, no: str) -> None:
    for said in ("@老王 请看", "@阿明", "@无此人"):
        with pytest.raises(Invalid) as refused:
            write_note(stage.runtime, no, said, [], stage.li)
        assert set(refused.value.errors) == {"text"}
    with pytest.raises(Invalid) as refused:
        write_note(stage.runtime, no, "请看", [stage.wang.account_id], stage.li)  # type: ignore[list-item]
    assert set(refused.value.errors) == {"to"}
    write_note(stage.runtime, no, "已发邮件到 zhang@example.com，@小赵请查收", [], stage.li)
    assert count_mentions(stage.runtime, stage.mate) == 1


def test_namesakes_are_told_apart(stage: Stage, no: str) -> None:
    one = stage.account("wei1", "王伟", "staff", roles=("si_clerk",), office="社保一科")
    two = stage.account("wei2", "王伟", "staff", roles=("si_clerk",), office="社保二科")
    with pytest.raises(Invalid) as refused:
        write_note(stage.runtime, no, "@王伟 请看", [], stage.li)
    for title in ("王伟（社保一科）", "王伟（社保二科）"):
        assert title in refused.value.errors["text"]
    write_note(stage.runtime, no, "@王伟（社保一科）请看", [], stage.li)
    write_note(stage.runtime, no, "@王伟 请看", [two.account_id], stage.li)  # type: ignore[list-item]
    assert [count_mentions(stage.runtime, who) for who in (one, two)] == [1, 1]


@pytest.mark.parametrize("said", ["", " \n ", "长" * (LONGEST_NOTE + 1)])
def test_a_note_says_something_and_not_too_much(stage: Stage, no: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        write_note(stage.runtime, no, said, [], stage.li)
    assert set(refused.value.errors) == {"text"}


def test_notes_are_for_staff_who_may_see_the_case(stage: Stage, no: str) -> None:
    note = write_note(stage.runtime, no, SAID, [], stage.li)
    for stranger in (stage.ming, stage.rival, stage.wang):
        with pytest.raises(NotFound):
            notes_of(stage.runtime, no, stranger)
        with pytest.raises(NotFound):
            write_note(stage.runtime, no, "x", [], stranger)
        with pytest.raises(NotFound):
            take_back_note(stage.runtime, note, stranger)
        web = connect(
            stage.runtime.sessions.kw["bind"].url.render_as_string(hide_password=False), "web"
        )
        with within(scope_of(stranger)), web.connect() as connection:
            for table in ("note", "mention"):  # nor where a query forgot its condition
                assert connection.scalar(text(f"select count(*) from {table}")) == 0
        web.dispose()


def test_its_author_takes_a_note_back_within_ten_minutes(stage: Stage, no: str) -> None:
    note = write_note(stage.runtime, no, SAID, [], stage.li)
    with pytest.raises(NotFound):
        take_back_note(stage.runtime, note, stage.mate)
    stage.clock.advance(timedelta(minutes=10))
    assert notes_of(stage.runtime, no, stage.li).notes[0].may_take_back
    assert take_back_note(stage.runtime, note, stage.li) == no
    assert take_back_note(stage.runtime, note, stage.li) == no  # twice is harmless
    (line,) = notes_of(stage.runtime, no, stage.mate).notes
    assert (line.text, line.taken_back, line.may_take_back) == ("", True, False)
    assert count_mentions(stage.runtime, stage.mate) == 0
    assert mentions(stage.runtime, stage.mate) == []
    late = write_note(stage.runtime, no, SAID, [], stage.li)
    stage.clock.advance(timedelta(minutes=10, seconds=1))
    with pytest.raises(Conflict, match="超过 10 分钟"):
        take_back_note(stage.runtime, late, stage.li)


def test_notes_go_with_the_key_of_their_case(stage: Stage, no: str) -> None:
    write_note(stage.runtime, no, SAID, [], stage.li)
    with stage.runtime.transaction() as session:
        key = select(Case.data_key_id).where(Case.no == no).scalar_subquery()
        session.execute(update(DataKey).where(DataKey.id == key).values(wrapped=None))
    found = notes_of(stage.runtime, no, stage.li)
    assert found.erased and [one.text for one in found.notes] == [ERASED]
    assert [one.text for one in mentions(stage.runtime, stage.mate)] == [ERASED]
    with pytest.raises(EngineError, match="销毁"):
        write_note(stage.runtime, no, "再写", [], stage.li)
    assert RETIREE["name"] not in repr(found)
    with stage.runtime.reading() as session:
        assert session.query(Mention).count() == 1
