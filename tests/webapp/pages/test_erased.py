"""After an erasure the pages say so instead of failing."""

from datetime import date

import pytest
from sqlalchemy import select, update

from engine.clock import at
from engine.commands.erase import erase
from engine.models import Case, Document, Timer
from engine.queries.retention import due_erasures
from tests.engine.test_erase import all_over
from tests.engine.test_way_of_a_case import approved
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from webapp.api.part import ROOT

TABS = ("overview", "facts", "documents", "attachments", "history", "notices", "calls", "diagram")


@pytest.fixture
def no(stage: Stage) -> str:
    no = all_over(stage)
    stage.clock.set(at(date(2078, 1, 1), 9))
    assert [erase(stage.runtime, due.key_id) for due in due_erasures(stage.runtime)] == [True]
    return no


def test_every_tab_of_the_case_opens_and_says_so(no: str, visit: As) -> None:
    li = visit("xiaoli")
    for tab in TABS:
        page = li.open(f"/cases/{no}?tab={tab}")
        assert page.status == 200, tab
        assert page.says("已按规定删除", "个人信息于 2078-01-01 删除"), tab
        assert RETIREE["id_no"] not in page.text


def test_the_unit_opens_the_case_and_lists(no: str, visit: As) -> None:
    ming = visit("aming")
    assert ming.open(f"/my/cases/{no}").says("已按规定删除")
    assert ming.open("/my/").says(no, "已按规定删除")
    assert ming.open("/start/jilin/joint_case").status == 200


def test_lists_and_figures_still_count_it(no: str, visit: As) -> None:
    li = visit("xiaoli")
    assert li.open(f"/cases?q={no}").says(no)
    assert li.open("/tasks?view=done").status == 200
    assert li.open("/statistics").status == 200


def test_a_document_says_that_it_is_gone(stage: Stage, visit: As) -> None:
    no = approved(stage)
    with stage.runtime.transaction() as session:
        closed = {"status": "closed", "closed_at": stage.clock.now()}
        session.execute(update(Case).values(closed))
        session.execute(update(Timer).values(fired_at=stage.clock.now()))
        document = session.scalars(
            select(Document.id).join(Case, Case.id == Document.case_id).where(Case.no == no)
        ).first()
    path = f"/documents/{document}"
    assert visit("xiaoli").open(path).says(RETIREE["name"])
    stage.clock.set(at(date(2078, 1, 1), 9))
    assert [erase(stage.runtime, due.key_id) for due in due_erasures(stage.runtime)] == [True]
    gone = visit("xiaoli").open(path)
    assert gone.status == 410
    assert gone.says("已按规定删除")
    assert RETIREE["name"] not in gone.text


def test_programs_are_told_too(no: str, visit: As) -> None:
    answer = visit("xiaoli").client.get(f"{ROOT}/cases/{no}")
    assert answer.status_code == 200
    assert answer.json["sections"] == []
    assert answer.json["case"]["subject"] == "已按规定删除"
