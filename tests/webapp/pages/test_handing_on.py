"""The pages on which work goes from one colleague to another: 转交, 请假代办, 科室办件."""

import pytest

from engine.commands.claim_task import claim_task
from engine.commands.reassign_task import reassign_task
from tests.stage import Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.test_worklist import waiting_for_approval


@pytest.fixture
def task(stage: Stage) -> str:
    """The address of an approval 小李 holds."""
    waiting_for_approval(stage)
    approval = stage.tasks()["approve"]
    claim_task(stage.runtime, approval.id, stage.li)
    return f"/tasks/{approval.id}"


def test_a_task_is_handed_on_with_a_reason_the_receiver_reads(
    stage: Stage, visit: As, task: str
) -> None:
    li = visit("xiaoli").open(task).follow("转交同事")
    assert li.says("张建国", "退休审批", "小李")
    mate = str(stage.mate.account_id)
    li.press("转交", to="", reason="下周出差，请接手")
    assert li.status == 422 and li.says("请选择接收的同事", "下周出差，请接手")
    li.press("转交", to=mate, reason=" ")
    assert li.status == 422 and li.says("请写明转交原因")
    li.press("转交", to=mate, reason="下周出差，请接手")
    assert li.says("已转交 1 件")
    receiver = visit("xiaozhao").open("/tasks?view=mine")
    assert receiver.says("由小李转交：下周出差，请接手")
    assert receiver.open(task).says("由小李转交：下周出差，请接手", "转交同事")
    case = receiver.open(f"/cases/{stage.tasks()['approve'].case_no}?tab=history")
    assert case.says("由小李转交给小赵", "原因：下周出差，请接手")
    assert "下周出差" not in visit("aming").open(case.path.replace("/cases", "/my/cases")).text


def test_a_colleague_covers_and_the_pages_say_for_whom(stage: Stage, visit: As, task: str) -> None:
    li = visit("xiaoli").open("/cover")
    days = {"from": "2027-04-20", "until": "2027-04-21"}
    li.press("登记", **days, reason="病假", by="")
    assert li.status == 422 and li.says("请选择代办人")
    li.press("登记", **days, reason="病假", by=str(stage.mate.account_id))
    assert li.says("请假代办已登记", "代办中", "病假")
    mate = visit("xiaozhao").open("/tasks").follow("代小李办理")
    assert mate.headline == "代小李办理" and mate.says("张建国")
    assert mate.open(task).says("您正在代小李办理")
    mate.press("暂存", outcome="agree")
    assert mate.says("已暂存")
    assert li.open("/cover").press("结束代办：小李").says("代办已结束", "提前结束")
    assert mate.open(task).says("该环节由小李领取")
    assert mate.open("/cover").follow("0 件").says("没有代为办结的环节")


def test_who_hands_what_to_whom_is_not_told_to_applicants(
    stage: Stage, visit: As, task: str
) -> None:
    work = stage.tasks()["approve"]
    assert stage.mate.account_id is not None
    reassign_task(stage.runtime, work.id, stage.mate.account_id, "需要回避", stage.li)
    for login, told in (("xiaoli", True), ("aming", False)):
        lines = (
            visit(login).client.get(f"/api/v1/cases/{work.case_no}/events").get_data(as_text=True)
        )
        assert ("转交给" in lines) is told and "退休" in lines


def test_a_supervisor_hands_on_what_was_ticked(stage: Stage, visit: As, task: str) -> None:
    stage.account("boss", "主管", "staff", roles=("admin",))
    boss = visit("boss").open("/office")
    assert boss.says("科室办件", "小李", "待领取", "退休审批")
    one = task.rpartition("/")[2]
    assert boss.open("/tasks/reassign?back=office").says("请先勾选")
    boss.open(f"/tasks/reassign?back=office&task={one}&task={one}&task=x")
    boss.press("转交", to=str(stage.mate.account_id), reason="均衡工作量")
    assert boss.path == "/office" and boss.says("已转交 1 件", "由主管转交：均衡工作量")
    assert boss.open(task).status == 404  # who does a task is said by whoever may not do it
    assert visit("xiaoli").open(f"/office?holder={stage.mate.account_id}").says("张建国")
