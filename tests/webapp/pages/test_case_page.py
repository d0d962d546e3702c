"""A case as the office sees it, and as those it is about see it."""

import json

import pytest

from engine.accounts import add_account
from engine.errors import AgencyReplyUnreadable
from engine.models import PersonFile
from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    CallResult,
    answer,
    apply_for_everything,
    approved,
)
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import PASSWORD, Visitor


@pytest.fixture
def retiree(stage: Stage, visit: As) -> Visitor:
    """张建国, with an account, and a joint case that was approved."""
    approved(stage)
    with stage.runtime.transaction() as session:
        file = session.query(PersonFile).one()
        add_account(session, "gr", "张建国", PASSWORD, "person", person_id=file.person_id)
    return visit("gr")


def test_a_clerk_sees_items_offices_and_clocks(stage: Stage, visit: As) -> None:
    no = approved(stage)
    li = visit("xiaoli").open(f"/cases/{no}")
    assert li.says("养老保险待遇申领", "示范市社会保险局", "0430-5551201", "待本人认证")


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("facts", ["退休预审结果", "认定的出生日期", "封存并提取", "生存状态", "健在"]),
        ("history", ["企业办事提交", "核验户籍信息：办结成功", "退休审批：已提交"]),
        ("notices", ["退休“一件事”申请受理回执", "发给退休人员本人"]),
        ("calls", ["核验户籍信息", "police/household_check", "办结成功"]),
        ("diagram", ["申报与审批"]),
        ("no such tab", ["联办事项"]),
    ],
)
def test_every_tab_reads_as_an_office_speaks(
    stage: Stage, visit: As, tab: str, words: list[str]
) -> None:
    no = approved(stage)
    assert visit("xiaoli").open(f"/cases/{no}?tab={tab}").says(*words)


def test_numbers_of_people_are_masked(stage: Stage, visit: As) -> None:
    no = approved(stage)
    li = visit("xiaoli")
    for tab in ("overview", "facts", "history", "notices", "calls"):
        li.open(f"/cases/{no}?tab={tab}")
        assert RETIREE["id_no"] not in li.text, tab
        assert "6222020000000000018" not in li.text, tab


def test_the_diagram_says_where_the_case_has_been_and_stands(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    li = visit("xiaoli").open(f"/cases/{no}?tab=diagram")
    state = json.loads(li.page.xpath("//*[@data-diagram]/script/text()")[0])
    assert "choose_items" in state["done"] and "household_check" in state["current"]
    drawing = li.client.get(li.page.xpath("//*[@data-diagram]/@data-url")[0])
    assert drawing.mimetype == "application/xml" and b"household_check" in drawing.data
    li.open(f"/cases/{no}?tab=diagram&process=joint_case")
    state = json.loads(li.page.xpath("//*[@data-diagram]/script/text()")[0])
    assert "apply_and_approve" in state["current"]


def test_what_automation_gave_up_on_stands_out(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", AgencyReplyUnreadable("答复无法识别：全文格式不正确"))
    li = visit("xiaoli").open(f"/cases/{no}")
    assert li.says("有 1 项异常", "答复无法识别")


def test_the_retiree_reads_what_happens_and_what_to_do(retiree: Visitor) -> None:
    retiree.open("/my/")
    assert retiree.says("张建国，您好", "需要您办理", "本人实名认证", "请在 2027-06-21 前办理")
    assert retiree.says("医保在职转退休", "示范市医疗保险经办中心", "0430-5551202")


def test_the_retiree_cannot_begin_what_the_employer_begins(retiree: Visitor) -> None:
    retiree.open("/my/")
    assert not any(link.startswith("/start/") for link in retiree.links())
    assert retiree.open("/start/jilin/joint_case/form").status == 403
    assert retiree.says("单位职工的退休“一件事”由用人单位发起")
    assert retiree.open("/start/jilin/no_such_process/form").status == 404


def test_an_employer_takes_an_application_back_before_approval(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    ming = visit("aming").open(f"/my/cases/{no}").follow("撤回申请")
    ming.press("确定撤回")
    assert ming.says("申请已撤回", "已办结", "撤回申请", "随本次申请结束，没有办理")
    assert not ming.says("您不用做什么") and not ming.says("办好后通知您")
    assert not ming.page.xpath("//a[contains(@href, '/withdraw')]")


def test_nothing_is_taken_back_after_approval_or_by_others(stage: Stage, visit: As) -> None:
    no = approved(stage)
    ming = visit("aming").open(f"/my/cases/{no}")
    assert not ming.page.xpath("//a[contains(@href, '/withdraw')]")
    ming.open(f"/my/cases/{no}/withdraw")
    assert ming.says("不能再撤回")
    assert visit("rival").open(f"/my/cases/{no}/withdraw").status == 404
