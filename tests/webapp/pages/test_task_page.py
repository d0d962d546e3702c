"""The page of one task: filling in, saving, sending, and what happens when others are faster."""

import pytest

from engine.commands.claim_task import claim_task
from engine.commands.submit_form import submit_form
from engine.commands.withdraw_case import withdraw_case
from engine.models import WorkItem
from engine.queries.task_page import task_page
from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    CallResult,
    answer,
    apply_for_everything,
    put_on_record,
)
from tests.stage import AGREE, CHECK, PREREVIEW, RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor


@pytest.fixture
def approval(stage: Stage) -> str:
    """The address of an approval that waits to be claimed."""
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    return f"/tasks/{stage.tasks()['approve'].id}"


def test_a_task_of_the_pool_is_claimed_before_it_is_filled_in(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval)
    assert li.says("尚未领取", "张建国") and not li.page.xpath("//input[@name='outcome']")
    li.press("领取并办理")
    assert li.page.xpath("//input[@name='outcome']")


def test_the_next_task_is_claimed_with_one_press(visit: As, approval: str) -> None:
    li = visit("xiaoli").open("/tasks?view=pool")
    li.press("领取下一件")
    assert li.headline == "退休审批" and li.path == approval


def test_a_colleague_who_was_faster_is_named(stage: Stage, visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval)
    late = li.post_of("领取并办理")
    claim_task(stage.runtime, stage.tasks()["approve"].id, stage.mate)
    li.send(late)
    assert li.says("该环节由小赵领取，您可以查看，不能填写")


def test_fields_an_answer_reveals_begin_with_what_is_known(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    path, form = li.post_of("暂存", outcome="agree")
    form["_action"] = "refresh"
    li.send((path, form))
    assert li.page.xpath("//input[@name='retire_date']/@value") == ["2027-05-20"]
    assert li.page.xpath("//input[@name='deemed_months']/@value") == ["60"]


def test_a_draft_is_kept_and_comes_back(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("暂存", outcome="refuse")
    assert li.says("已暂存", "已载入您")
    assert li.page.xpath("//input[@name='outcome'][@value='refuse']/@checked")


def typing(li: Visitor, **answers: str) -> tuple[int, dict[str, str]]:
    """What the page's script is told when it saves what is typed."""
    path, form = li.post_of("暂存", **answers)
    answer = li.client.post(f"{path}/draft", data=form)
    return answer.status_code, answer.get_json()


def test_what_is_typed_is_saved_while_typing(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    assert typing(li, outcome="refuse") == (200, {"saved_at": "09:00"})
    li.open(approval)
    assert li.page.xpath("//input[@name='outcome'][@value='refuse']/@checked")


def test_an_old_page_does_not_save_over_what_happened_since(
    stage: Stage, visit: As, approval: str
) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    task = stage.tasks()["approve"]
    with stage.runtime.transaction() as session:
        session.get_one(WorkItem, task.id).revision += 1
    status, told = typing(li, outcome="refuse")
    assert status == 409 and "已被更新" in told["message"]
    with stage.runtime.transaction() as session:
        session.get_one(WorkItem, task.id).claimed_by = stage.mate.account_id
    assert typing(li) == (409, {"message": "该环节已由其他人员领取。"})
    withdraw_case(stage.runtime, task.case_no, stage.ming)
    assert typing(li) == (409, {"message": "该环节已取消，无需办理。"})


def test_a_page_can_ask_who_is_signed_in_and_strangers_are_told_nothing(
    stage: Stage, visit: As
) -> None:
    li = visit("xiaoli").open("/session")
    told = li.answer.get_json()
    assert (told["account"], told["name"]) == (str(stage.li.account_id), "小李")
    assert told["token"]
    assert visit().client.get("/session").status_code == 302


def test_mistakes_come_back_with_everything_typed(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("提交", outcome="agree")
    li.press("提交", retire_date="2027-05-20", deemed_months="many")
    assert li.status == 422
    assert li.says("有 1 处需要修改")
    assert li.page.xpath("//input[@name='deemed_months']/@value") == ["many"]
    assert li.page.xpath("//form/@data-guard") == ["changed"]


def test_a_good_form_moves_the_case_on(stage: Stage, visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("提交", outcome="agree")
    li.press("提交", retire_date="2027-05-20", deemed_months="60")
    assert li.headline == "我的待办" and li.says("“退休审批”已提交")
    assert "approve" not in stage.tasks()


def test_submitting_can_lead_on_to_the_same_step_of_another_case(stage: Stage, visit: As) -> None:
    for name, id_no in (("张建国", RETIREE["id_no"]), ("李建平", "220199196609030038")):
        stage.start("record_prereview", stage.li, {**RETIREE, "name": name, "id_no": id_no})
        stage.submit("enter_prereview", stage.li, PREREVIEW)
    answers = {field: str(value) for field, value in CHECK.items()}
    li = visit("xiaoli").open("/tasks?view=pool&element=enter_check").press("领取")
    first = li.path
    li.press("提交并办下一件", **answers)
    assert li.path.startswith("/tasks/") and li.path != first
    assert li.headline == "登记缴费核查" and li.says("“登记缴费核查”已提交", "退回待领取")
    li.press("提交并办下一件", **answers)
    assert li.headline == "我的待办" and li.says("没有其他待办的“登记缴费核查”了")


def test_what_came_back_says_why(visit: As, stage: Stage, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("提交", outcome="send_back")
    li.press("提交", reason="银行账户与姓名不符")
    task = stage.tasks()["choose_items"].id
    ming = visit("aming").open(f"/tasks/{task}")
    assert ming.says("这一步需要您再办一次", "退回原因：银行账户与姓名不符")
    assert not visit("xiaoli").open(approval).says("需要您再办一次")


def test_pressing_twice_sends_once(stage: Stage, visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("提交", outcome="refuse")
    post = li.post_of("提交", reason="材料与档案记载不一致")
    li.send(post)
    li.send(post)
    assert li.status == 200 and li.says("“退休审批”已提交")


def test_what_was_typed_into_a_task_that_is_gone_can_still_be_read(
    stage: Stage, visit: As, approval: str
) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    li.press("提交", outcome="refuse")
    late = li.post_of("提交", reason="档案中缺少一页，请补充后再报")
    task = stage.tasks()["approve"]
    submit_form(stage.runtime, task.id, task.revision, AGREE, stage.li)
    li.send(late)
    assert li.status == 409
    assert li.says("本次没有提交成功", "办理完成", "档案中缺少一页，请补充后再报")


def test_a_withdrawn_case_says_so_on_its_open_pages(stage: Stage, visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    page = task_page(stage.runtime, stage.tasks()["approve"].id, stage.li)
    withdraw_case(stage.runtime, page.case.no, stage.ming)
    li.press("提交", outcome="agree")
    assert li.status == 409
    assert li.says("已取消")


def test_a_task_given_back_is_in_the_pool_again(visit: As, approval: str) -> None:
    visit("xiaoli").open(approval).press("领取并办理").press("退回待领取")
    assert visit("xiaozhao").open("/tasks?view=pool").says("张建国", "退休审批")


def test_nobody_from_elsewhere_opens_it(visit: As, approval: str) -> None:
    assert visit("laowang").open(approval).status == 404
    assert visit("rival").open(approval).status == 404


def test_an_employer_is_led_from_step_to_step(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    ming = visit("aming").follow("为职工申请")
    assert ming.headline == "退休“一件事”经办指南"
    ming.follow("已阅读，开始申请")
    ming.press("下一步", name="张建国", id_no=RETIREE["id_no"])
    assert ming.headline == "选择联办事项"
    ming.press("提交", guide_read="true", fund="none", medical="true")
    assert ming.headline == "确认并提交申请"
    ming.press("提交", contact_name="阿明", contact_mobile="13900000002", declaration="true")
    assert ming.headline == "张建国 · 退休“一件事”联办"
    assert ming.says("核验户籍信息", "请稍后刷新")


def test_a_second_application_is_shown_the_first(stage: Stage, visit: As) -> None:
    apply_for_everything(stage)
    ming = visit("aming").open("/start/jilin/joint_case/").follow("开始申请")
    ming.press("下一步", name="张建国", id_no=RETIREE["id_no"])
    assert ming.status == 409
    assert ming.says("已有在办的办件 JL2027042000002")


def test_the_rules_advise_beside_the_form_and_in_print(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval)
    assert li.says("规则提示（自动推算，仅供参考）", "法定退休时间2027-05-20")  # not claimed yet
    li.press("领取并办理")
    assert li.says("规则提示", "法定退休时间2027-05-20", "弹性延迟最晚2030-05-20")
    path, form = li.post_of("暂存", outcome="agree")
    form["_action"] = "refresh"  # what htmx sends, and the button without scripts
    li.send((path, form))
    assert li.says("退休时间为法定退休年龄", "实际缴费 380 个月、视同缴费 60 个月", "94号")


def test_what_the_law_refuses_is_refused_at_its_field(visit: As, approval: str) -> None:
    li = visit("xiaoli").open(approval).press("领取并办理")
    path, form = li.post_of("提交", outcome="agree")
    form["retire_date"], form["deemed_months"] = "2027-04-20", "60"
    li.send((path, form))
    assert li.page.xpath("//*[@id='f-retire_date-error']")
    assert li.says("早于法定退休时间 2027-05-20，不能按正常退休办理")
