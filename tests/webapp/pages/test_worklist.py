"""The clerk's lists and the search."""

from datetime import timedelta

import pytest

from engine.commands.claim_task import claim_task
from engine.queries.worklist import counts, worklist
from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    CallResult,
    answer,
    apply_for_everything,
    put_on_record,
)
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As


def waiting_for_approval(stage: Stage) -> str:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    return no


def test_a_list_says_how_much_time_is_left(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli")
    assert li.open("/tasks?view=pool").says(no, "张建国", "退休审批", "今日到期")
    stage.clock.advance(timedelta(days=2))
    assert li.open("/tasks?view=overdue").says("超期 2 日")


def test_each_figure_is_the_length_of_the_list_it_names(stage: Stage, visit: As) -> None:
    waiting_for_approval(stage)
    claim_task(stage.runtime, stage.tasks()["approve"].id, stage.li)
    stage.clock.advance(timedelta(days=2))
    figures = counts(stage.runtime, stage.li)
    for view in ("mine", "pool", "due_soon", "overdue"):
        assert getattr(figures, view) == len(worklist(stage.runtime, stage.li, view).rows), view


def test_an_empty_list_says_what_to_do(visit: As) -> None:
    assert visit("xiaoli").open("/tasks").says("您名下没有待办", "领取下一件")


def test_filters_narrow_the_list_and_say_when_nothing_is_left(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli")
    assert li.open(f"/tasks?view=pool&case_no={no}").says("张建国")
    assert li.open("/tasks?view=pool&subject=李四").says("没有符合条件的办件")


def test_what_was_done_can_be_looked_at_again(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    assert visit("xiaoli").open("/tasks?view=done").says("登记预审结果", "登记缴费核查")


def test_a_list_is_shown_a_page_at_a_time(stage: Stage) -> None:
    put_on_record(stage)
    first = worklist(stage.runtime, stage.li, "done", size=1)
    second = worklist(stage.runtime, stage.li, "done", after=first.after, size=1)
    assert [row.element for row in (*first.rows, *second.rows)] == [
        "enter_check",
        "enter_prereview",
    ]
    assert second.after == ""


def test_a_case_is_found_by_number_name_or_identity_number(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli")
    assert li.open(f"/cases?q={no}").headline == "张建国 · 退休“一件事”联办"
    assert li.open(f"/cases?q={no[:8]}").says(no)
    assert li.open("/cases?q=张建国").says(no)
    assert li.open("/cases?q=张").says("没有找到办件")


def test_an_identity_number_finds_cases_without_standing_in_an_address(
    stage: Stage, visit: As
) -> None:
    no = waiting_for_approval(stage)
    for login, path in (("xiaoli", "/cases"), ("aming", "/my/")):
        page = visit(login).open(path).press("查询", q=RETIREE["id_no"].lower())
        assert page.says(no)
        assert visit(login).open(f"{path}?q={RETIREE['id_no']}").says("不要写在网址里")
    assert visit("rival").open("/my/").press("查询", q=RETIREE["id_no"]).says("没有找到办件")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (RETIREE["id_no"][:-1], "您输入了 17 位：公民身份号码应为 18 位"),
        (RETIREE["id_no"][:-1] + "X", "校验不通过"),
        (RETIREE["mobile"], "您输入了 11 位"),
    ],
)
def test_a_mistyped_number_stays_out_of_the_address_and_is_told_what_is_wrong(
    visit: As, typed: str, told: str
) -> None:
    li = visit("xiaoli").open("/cases").press("查询", q=typed)
    assert li.says("没有找到办件", told)
    for login, path in (("xiaoli", "/cases"), ("aming", "/my/")):
        page = visit(login).open(path).press("查询", q=typed)
        assert typed not in page.answer.request.url


def test_nobody_finds_the_cases_of_another_region_or_unit(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    assert visit("laowang").open(f"/cases?q={no}").says("没有找到办件")
    assert visit("laowang").open(f"/cases/{no}").status == 404
    assert visit("rival").open(f"/my/?q={no}").says("没有找到办件")
    assert visit("rival").open(f"/my/cases/{no}").status == 404


def test_the_steps_to_filter_by_are_the_clerks_own(visit: As) -> None:
    page = visit("xiaoli").open("/tasks").page
    names = page.xpath("//select[@name='element']/option/text()")
    assert "退休审批" in names and "本人实名认证" not in names


def test_an_identity_number_narrows_a_list_without_standing_in_an_address(
    stage: Stage, visit: As
) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli").open("/tasks?view=pool")
    li.press("查询", subject=RETIREE["id_no"])
    assert li.says(no, "只看当事人：张建国")
    assert RETIREE["id_no"] not in (li.answer.request.url + li.text)
    assert li.open("/tasks?view=pool").press("查询", case_no="220199196611200059").says("没有找到")
    assert "2201991966" not in li.answer.request.url
    assert li.open(f"/tasks?unit={RETIREE['id_no']}").says("不要写在网址里")


def test_days_units_and_mistakes_in_them(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli").open("/tasks?view=pool")
    assert li.press("查询", unit="示范机械", due_until="2027-04-20").says(no)
    assert li.press("查询", due_until="2027-04-19").says("没有符合条件的办件")
    li.press("查询", due_until="四月")
    assert li.status == 422 and li.says("日期请写成", "查询条件有误") and "示范机械" in li.text
    assert li.open("/tasks?view=pool&due_until=9999-12-31").status == 422


def test_a_list_kept_by_name_is_opened_first_renamed_and_dropped(stage: Stage, visit: As) -> None:
    no = waiting_for_approval(stage)
    li = visit("xiaoli").open("/tasks?view=pool&unit=示范")
    li.press("保存", name="示范机械", first=True)
    assert li.says("已存为常用筛选“示范机械”", "默认", no)
    assert li.open("/tasks").says(no) and li.headline == "待领取"
    li.press("改名", name="机械公司")
    li.open("/tasks?view=mine").follow("机械公司").press("删除")
    assert (
        not li.page.xpath("//ul[@aria-label='常用筛选']")
        and li.open("/tasks").headline == "我的待办"
    )
    assert visit("xiaozhao").open("/tasks").headline == "我的待办"
