"""Why a step is there: the sentence it fulfils, the way that led to it, the promise."""

from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    CallResult,
    answer,
    apply_for_everything,
    approved,
)
from tests.stage import ALL_ITEMS, APPLICATION, CARD, Stage
from tests.webapp.pages.conftest import As


def ways(words: str) -> str:
    """The part of the page that tells the way."""
    return words.split("怎样走到这一步")[1].split("由谁办理", maxsplit=1)[0]


def test_the_sentence_is_quoted_with_its_document_and_section(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    page = visit("xiaoli").open(f"/cases/{no}/steps/approve")
    assert page.headline == "为什么有“退休审批”"
    assert page.says("依据退休预审、缴费核查，完成职工退休（职）正式审批", "吉人社联〔2024〕56号")
    assert page.says("经办时限：当日办结。", "JLG-042", "人社局审批岗", "当日办结")
    assert page.says("2027-04-20 17:00", "下班后或休息日受理的，计入下一工作日")


def test_the_way_names_every_decision_with_what_it_looked_at(stage: Stage, visit: As) -> None:
    no = approved(stage)
    said = ways(visit("xiaoli").open(f"/cases/{no}/steps/realname").words)
    for words in (
        "申报结果？ 已审批 条件成立 审批意见 同意",
        "审批意见？ 同意 条件成立",
        "勾选了哪些事项？ 公积金 条件成立 住房公积金 封存并提取",
        "需本人认证？ 是 条件成立 住房公积金 封存并提取 申请方式 单位申请",
    ):
        assert words in said, words
    assert said.index("申报结果？") < said.index("勾选了哪些事项？") < said.index("需本人认证？")
    assert "不同意" not in said  # the branch not taken
    assert "核定年限" not in said  # another item's way


def test_before_the_approval_the_way_is_that_of_the_application(stage: Stage, visit: As) -> None:
    no = approved(stage)
    said = ways(visit("xiaoli").open(f"/cases/{no}/steps/bank_account").words)
    assert "预审有效？ 是 条件成立 预审结论 通过" in said
    assert "提取公积金？ 是 条件成立 住房公积金 封存并提取" in said
    assert "核查已反馈？" not in said  # comes later


def test_a_way_taken_again_is_told_as_it_was_taken_last(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    back = {"outcome": "send_back", "reason": "请重新勾选事项"}
    stage.submit("approve", stage.li, back)
    said = ways(visit("aming").open(f"/cases/{no}/steps/choose_items").words)
    assert "审批意见？" in said
    assert "退回" in said


def test_a_value_that_changed_since_is_said_to_have(stage: Stage, visit: As) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    stage.submit("approve", stage.li, {"outcome": "send_back", "reason": "请重新勾选事项"})
    stage.submit("choose_items", stage.ming, {**ALL_ITEMS, "fund": "none"} | {"fund_centre": None})
    page = visit("xiaoli").open(f"/cases/{no}/steps/bank_account")
    assert page.says("住房公积金 不办理公积金", "此后有更新")


def test_sensitive_values_are_masked_and_nothing_is_shown_to_strangers(
    stage: Stage, visit: As
) -> None:
    no = approved(stage)
    for element in ("approve", "bank_account", "realname", "same_applicant"):
        page = visit("xiaoli").open(f"/cases/{no}/steps/{element}")
        assert "220199196611200016" not in page.text
        assert CARD["account_no"] not in page.text
        assert APPLICATION["contact_mobile"] not in page.text
    assert visit("rival").open(f"/cases/{no}/steps/approve").status == 404
    assert visit("laowang").open(f"/cases/{no}/steps/approve").status == 404


def test_an_element_never_reached_is_said_to_be_so(stage: Stage, visit: As) -> None:
    no = approved(stage)
    page = visit("xiaoli").open(f"/cases/{no}/steps/tell_refusal")
    assert page.says("本办件没有经过")
    assert "怎样走到这一步" not in page.words


def test_an_unknown_element_is_not_found(stage: Stage, visit: As) -> None:
    no = approved(stage)
    li = visit("xiaoli")
    assert li.open(f"/cases/{no}/steps/nowhere").status == 404
    assert li.open(f"/cases/{no}/steps/approve?process=nowhere").status == 404


def test_task_history_and_diagram_lead_there(stage: Stage, visit: As) -> None:
    no = approved(stage)
    li = visit("xiaoli").open(f"/cases/{no}")
    assert li.follow("依据").status == 200
    assert f"/cases/{no}/steps/approve" in " ".join(li.open(f"/cases/{no}?tab=history").links())
    diagram = li.open(f"/cases/{no}?tab=diagram&process=application")
    assert f"/cases/{no}/steps/approve?process=application" in diagram.links()
    assert diagram.follow("退休审批").headline == "为什么有“退休审批”"
    assert visit("aming").open(f"/my/cases/{no}").follow("依据").status == 200
