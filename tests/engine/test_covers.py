"""请假代办: a colleague works for somebody on leave, with no more rights than their own."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.access import Actor
from engine.commands.claim_task import claim_task
from engine.commands.reassign_task import reassign_task
from engine.commands.save_draft import save_draft
from engine.commands.set_cover import end_cover, set_cover
from engine.errors import AlreadyClaimed, Conflict, Invalid, NotFound
from engine.models import CaseEvent, CaseSection, WorkItem
from engine.queries.covers import cover_choice, cover_report, covering, covers
from engine.queries.task_page import task_page
from engine.queries.worklist import worklist
from tests.conftest import Database
from tests.engine.test_way_of_a_case import HOUSEHOLD, CallResult, answer, apply_for_everything
from tests.stage import AGREE, Stage

TODAY = date(2027, 4, 20)
DAY = timedelta(days=1)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with one case before its approval, which 小李 took."""
    stage = Stage(database.engine)
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    claim_task(stage.runtime, stage.tasks()["approve"].id, stage.li)
    return stage


def account(actor: Actor) -> UUID:
    assert actor.account_id is not None
    return actor.account_id


def leave(
    stage: Stage, by: Actor | None = None, first: date = TODAY, last: date = TODAY + 2 * DAY
) -> UUID:
    """小李 goes on leave."""
    by = by or stage.mate
    li = account(stage.li)
    return set_cover(stage.runtime, li, account(by), first, last, "年休假", stage.li)


def open_for(stage: Stage, who: Actor) -> list[str]:
    return [row.element for row in worklist(stage.runtime, who, "cover").rows]


def test_a_colleague_does_what_the_absent_holds_and_the_history_names_both(stage: Stage) -> None:
    task = stage.tasks()["approve"]
    with pytest.raises(AlreadyClaimed):
        stage.submit("approve", stage.mate, AGREE)
    cover = leave(stage)
    assert open_for(stage, stage.mate) == ["approve"]
    assert [(one.name, one.open) for one in covering(stage.runtime, stage.mate)] == [("小李", 1)]
    stage.submit("approve", stage.mate, AGREE)
    with stage.runtime.reading() as session:
        line = session.scalars(select(CaseEvent).where(CaseEvent.title == "退休审批：已提交")).one()
        written = session.scalars(
            select(CaseSection.author).where(CaseSection.name == task.section)
        ).all()
        closed = session.get_one(WorkItem, task.id)
        assert line.actor == "小赵代小李" and set(written) == {"小赵代小李"}
        assert closed.closed_by == stage.mate.account_id
    told, done = cover_report(stage.runtime, cover, stage.li)
    assert (told.absent, told.by, told.done) == ("小李", "小赵", 1)
    assert [row.id for row in done] == [task.id]
    with pytest.raises(NotFound):
        cover_report(stage.runtime, cover, stage.wang)


def test_a_cover_holds_from_its_first_day_to_its_last(stage: Stage) -> None:
    leave(stage, first=TODAY + DAY, last=TODAY + 2 * DAY)
    seen = []
    for _ in range(4):
        seen.append(open_for(stage, stage.mate))
        stage.clock.advance(DAY)
    assert seen == [[], ["approve"], ["approve"], []]


def test_a_cover_gives_no_right_its_bearer_has_not(stage: Stage) -> None:
    clerk = stage.account("danyi", "单一", "staff", roles=("si_clerk",))
    leave(stage, by=clerk)
    assert open_for(stage, clerk) == []
    with pytest.raises(NotFound):
        stage.submit("approve", clerk, AGREE)
    with pytest.raises(NotFound):
        task_page(stage.runtime, stage.tasks()["approve"].id, clerk)
    stranger = stage.account("yuan", "远", "staff", roles=("med_clerk",))
    with pytest.raises(Invalid) as refused:
        leave(stage, by=stranger, first=TODAY + 9 * DAY, last=TODAY + 9 * DAY)
    assert set(refused.value.errors) == {"by"}


def test_both_go_on_with_one_draft(stage: Stage) -> None:
    task = stage.tasks()["approve"]
    save_draft(stage.runtime, task.id, {"outcome": "agree", "deemed_months": 61}, stage.li)
    cover = leave(stage)
    page = task_page(stage.runtime, task.id, stage.mate)
    assert page.held and page.answers["deemed_months"] == 61
    save_draft(stage.runtime, task.id, {"outcome": "agree", "deemed_months": 62}, stage.mate)
    end_cover(stage.runtime, cover, stage.li)
    assert task_page(stage.runtime, task.id, stage.li).answers["deemed_months"] == 62
    assert not task_page(stage.runtime, task.id, stage.mate).held


def test_who_is_away_takes_nothing_and_is_given_nothing(stage: Stage) -> None:
    cover = leave(stage)
    approve = stage.tasks()["approve"]
    reassign_task(stage.runtime, approve.id, account(stage.mate), "请假", stage.mate)
    with pytest.raises(Invalid) as refused:
        reassign_task(stage.runtime, approve.id, account(stage.li), "还给他", stage.mate)
    assert "请假至 2027-04-22，由小赵代办" in refused.value.errors["to"]
    with pytest.raises(Conflict, match="已登记请假至 2027-04-22"):
        claim_task(stage.runtime, approve.id, stage.li)
    end_cover(stage.runtime, cover, stage.li)
    reassign_task(stage.runtime, approve.id, account(stage.li), "回岗", stage.mate)
    assert stage.tasks()["approve"].claimed_by == stage.li.account_id


def test_nobody_is_away_twice_or_covers_while_away(stage: Stage) -> None:
    leave(stage)
    third = stage.account("san", "小三", "staff", roles=("hrss_approver",))
    with pytest.raises(Invalid) as twice:
        leave(stage, by=third, first=TODAY + 2 * DAY, last=TODAY + 5 * DAY)
    assert "已登记过请假" in twice.value.errors["from"]
    mate = account(stage.mate)
    for by, field in ((stage.li, "by"), (third, "from")):
        with pytest.raises(Invalid) as refused:
            set_cover(stage.runtime, mate, account(by), TODAY, TODAY, "病假", stage.mate)
        assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, TODAY, "from"),
        (TODAY, None, "until"),
        (TODAY - DAY, TODAY, "from"),
        (TODAY, TODAY - DAY, "until"),
        (TODAY, TODAY + 400 * DAY, "until"),
    ],
)
def test_wrong_days_are_said_at_their_field(
    stage: Stage, first: date | None, last: date | None, field: str
) -> None:
    li = account(stage.li)
    with pytest.raises(Invalid) as refused:
        set_cover(stage.runtime, li, account(stage.mate), first, last, "年休假", stage.li)
    assert set(refused.value.errors) == {field}


def test_supervisors_speak_for_those_they_lead_and_nobody_else_does(stage: Stage) -> None:
    peer = stage.account("tong", "同事", "staff", roles=("hrss_approver",))
    boss = stage.account("boss", "主管", "staff", roles=("admin",))
    li, mate = account(stage.li), account(stage.mate)
    for stranger in (peer, stage.wang, stage.ming):
        with pytest.raises(NotFound):
            set_cover(stage.runtime, li, mate, TODAY, TODAY, "病假", stranger)
    cover = set_cover(stage.runtime, li, mate, TODAY, TODAY, "病假", boss)
    assert "小李" in {one.name for one in cover_choice(stage.runtime, boss, li).absent}
    assert covers(stage.runtime, peer) == []
    with pytest.raises(NotFound):
        end_cover(stage.runtime, cover, peer)
    end_cover(stage.runtime, cover, boss)
    with pytest.raises(Conflict, match="已经结束"):
        end_cover(stage.runtime, cover, boss)
    assert [one.state for one in covers(stage.runtime, stage.mate)] == ["over"]


def test_a_supervisor_speaks_for_nobody_with_work_of_others(stage: Stage) -> None:
    """小李 also approves; who leads the social insurance's clerks does not lead that."""
    boss = stage.account("zhang", "社保主管", "staff", roles=("si_supervisor",))
    own = stage.account("sun", "小孙", "staff", roles=("si_clerk",))
    assert {one.name for one in cover_choice(stage.runtime, boss, account(own)).absent} == {
        "小孙",
        "社保主管",
    }
    with pytest.raises(NotFound):
        set_cover(stage.runtime, account(stage.li), account(stage.mate), TODAY, TODAY, "病假", boss)


def test_a_report_holds_only_what_its_reader_may_see(stage: Stage) -> None:
    cover = leave(stage)
    stage.submit("approve", stage.mate, AGREE)
    line, done = cover_report(stage.runtime, cover, stage.li)
    assert line.done == len(done) == 1
    elsewhere = replace(stage.li, grants=stage.wang.grants)  # moved to another region since
    line, done = cover_report(stage.runtime, cover, elsewhere)
    assert (line.done, list(done)) == (0, [])
