"""联络员 and 督办件: who takes what, from which day on, and who may close it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.clock import at
from engine.commands.close_letter import close_letter
from engine.commands.set_liaison import LiaisonFacts, set_liaison
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.liaisons import Department, liaison_of
from engine.models import Letter, Liaison
from engine.queries.letters import count_letters, letters
from engine.queries.liaisons import liaison_page, liaisons
from tests.engine.test_way_of_a_case import approved, rows
from tests.stage import Stage

MEDICAL = Department("agency", "medical")
FANG = LiaisonFacts("方示范", "0430-5550322", "139-0000-0031", "2027-04-20")
QIAN = LiaisonFacts("钱示例", "0430-5550323", "13900000032", "2027-05-01")


def name_on(stage: Stage, day: date) -> str:
    with stage.runtime.reading() as session:
        return liaison_of(session, "jilin", MEDICAL, day).name


def test_a_liaison_counts_from_a_day_on_and_earlier_ones_are_kept(stage: Stage) -> None:
    assert name_on(stage, date(2027, 4, 20)) == ""
    set_liaison(stage.runtime, "jilin", MEDICAL, FANG, stage.li)
    set_liaison(stage.runtime, "jilin", MEDICAL, QIAN, stage.li)
    assert name_on(stage, date(2027, 4, 30)) == "方示范"
    assert name_on(stage, date(2027, 5, 1)) == "钱示例"
    page = liaison_page(stage.runtime, "jilin", MEDICAL, stage.li)
    assert page is not None
    assert [one.row.name for one in page.named] == ["钱示例", "方示范"]
    assert page.line.mobile == "139****0031"
    assert b"13900000031" not in bytes(rows(stage, Liaison)[0].mobile_sealed)


def test_two_named_for_one_day_the_later_word_counts(stage: Stage) -> None:
    set_liaison(stage.runtime, "jilin", MEDICAL, FANG, stage.li)
    stage.clock.set(stage.clock.now() + timedelta(minutes=1))
    again = LiaisonFacts("赵更正", "", "13900000033", "2027-04-20")
    set_liaison(stage.runtime, "jilin", MEDICAL, again, stage.li)
    assert name_on(stage, date(2027, 4, 20)) == "赵更正"


def test_mistakes_are_named_by_field_and_change_nothing(stage: Stage) -> None:
    wrong = LiaisonFacts("方", "1" * 61, "12345", "2027-04-19", "nobody")
    with pytest.raises(Invalid) as refused:
        set_liaison(stage.runtime, "jilin", MEDICAL, wrong, stage.li)
    assert refused.value.errors.keys() == {"name", "phone", "mobile", "from_date", "login"}
    assert rows(stage, Liaison) == []


def test_only_administrators_of_the_region_name_liaisons_of_its_departments(stage: Stage) -> None:
    for actor in (stage.wang, stage.ming):
        with pytest.raises(Forbidden):
            set_liaison(stage.runtime, "jilin", MEDICAL, FANG, actor)
    with pytest.raises(NotFound):
        set_liaison(stage.runtime, "jilin", Department("office", "nowhere"), FANG, stage.li)
    assert liaisons(stage.runtime, stage.wang) == []


def test_a_letter_is_read_by_its_department_and_closed_once(stage: Stage) -> None:
    no = approved(stage)
    clerk = stage.account("xiaohe", "小何", "staff", roles=("med_clerk",))
    fund = stage.account("xiaogao", "小高", "staff", roles=("fund_clerk",))
    own = stage.account("laofang", "老方", "staff", roles=("si_clerk",))
    set_liaison(stage.runtime, "jilin", MEDICAL, FANG, stage.li)
    with stage.runtime.transaction() as session:
        from engine.models import Case  # noqa: PLC0415

        case = session.scalars(select(Case).where(Case.no == no)).one()
        letter = Letter(
            region="jilin",
            scope="agency",
            department="medical",
            kind="overdue",
            title="医保在职转退休",
            case_id=case.id,
            case_no=no,
            subject=case.subject,
            sent_at=at(date(2027, 4, 20), 9),
        )
        session.add(letter)
        session.flush()
        letter_id = letter.id
    assert [count_letters(stage.runtime, one) for one in (clerk, stage.li)] == [1, 1]
    assert count_letters(stage.runtime, fund) == 0
    assert count_letters(stage.runtime, stage.ming) is None
    # a liaison with an account of their own sees their department's, whatever else they do
    facts = LiaisonFacts("老方", "", "13900000034", "2027-04-20", "laofang")
    stage.clock.set(stage.clock.now() + timedelta(minutes=1))
    assert set_liaison(stage.runtime, "jilin", MEDICAL, facts, stage.li) == 1
    assert count_letters(stage.runtime, own) == 1
    with pytest.raises(NotFound):
        close_letter(stage.runtime, letter_id, "已办", fund)
    with pytest.raises(Invalid):
        close_letter(stage.runtime, letter_id, "", clerk)
    close_letter(stage.runtime, letter_id, "已电话联系，今日办结", clerk)
    with pytest.raises(Conflict, match="小何"):
        close_letter(stage.runtime, letter_id, "已办", own)
    (line,) = letters(stage.runtime, clerk, closed=True).rows
    assert (line.to.name, line.letter.closed_by) == ("老方", "小何")
    set_liaison(stage.runtime, "jilin", MEDICAL, QIAN, stage.li)
    stage.clock.set(at(date(2027, 5, 2), 9))
    (line,) = letters(stage.runtime, clerk, closed=True).rows
    assert line.to.name == "老方"  # as it was when it was closed
