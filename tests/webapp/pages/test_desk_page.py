"""The page of a request at an agency's desk: what was asked beside the form for the answer."""

import pytest
from sqlalchemy import update

from engine.commands.begin_attempt import begin_attempt
from engine.models import AgencySetting, CaseEvent
from tests.engine.test_way_of_a_case import apply_for_everything, call_of, rows
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As


@pytest.fixture
def desk(stage: Stage) -> str:
    """The address of the household check at its desk."""
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="manual"))
    apply_for_everything(stage)
    assert begin_attempt(stage.runtime, call_of(stage, "police/household_check").id) is None
    (task,) = [task for task in stage.tasks().values() if task.kind == "call"]
    return f"/tasks/{task.id}"


def test_the_worklist_shows_requests_at_the_desk(visit: As, desk: str) -> None:
    li = visit("xiaoli").open("/tasks?view=pool")
    assert li.says("核验户籍信息", "登记部门答复")
    assert li.open("/tasks?view=pool&element=household_check").says("核验户籍信息")


def test_a_clerk_sees_what_was_asked_and_enters_the_answer(
    stage: Stage, visit: As, desk: str
) -> None:
    li = visit("xiaoli").open(desk).press("领取并办理")
    assert li.says("请求内容", "姓名", "张建国", "身份证号")
    assert RETIREE["id_no"] not in li.text
    path, form = li.post_of("暂存", outcome="SUCCESS")
    form["_action"] = "refresh"
    li.send((path, form))
    assert li.says("信息一致", "生存状态", "健在", "核验时间")
    assert li.page.xpath("//input[@name='handled_by']/@value") == ["小李"]
    answers = {
        "business.match": "true",
        "business.life_status": "alive",
        "business.checked_at": "2027-04-20",
    }
    li.press("提交", **answers)
    assert call_of(stage, "police/household_check").state == "succeeded"
    assert li.open(desk).says("已于", "办理完成")


def test_mistakes_are_shown_at_their_fields(stage: Stage, visit: As, desk: str) -> None:
    li = visit("xiaoli").open(desk).press("领取并办理").press("提交", outcome="FAILED")
    assert li.status == 422 and li.says("请选择不予办理的情形", "请填写原因说明")
    assert call_of(stage, "police/household_check").state == "accepted"


def test_what_was_said_last_is_shown_and_the_task_stays(visit: As, desk: str) -> None:
    li = visit("xiaoli").open(desk).press("领取并办理")
    path, form = li.post_of("提交", outcome="ACCEPTED")
    li.send((path, form))
    assert li.says("已提交")
    assert li.open(desk).page.xpath("//input[@name='outcome']")


def test_full_numbers_are_shown_to_whoever_asks_and_the_history_tells(
    stage: Stage, visit: As, desk: str
) -> None:
    li = visit("xiaoli").open(desk).press("领取并办理").press("显示完整号码")
    assert li.says(RETIREE["id_no"])
    assert [e.actor for e in rows(stage, CaseEvent) if e.kind == "revealed"] == ["小李"]
    assert visit("laowang").open(desk).status == 404


def test_the_agencies_page_says_whose_choice_the_mode_is(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/admin/agencies/jilin/medical")
    assert li.says("地区包（region.toml）为“系统对接”")
    li.press("保存", mode="manual")
    assert li.says("管理员已改，地区包为系统对接", "按地区包")
