"""The guide before the form; a case that goes to the window and back; its application on paper."""

from engine.models import CaseEvent
from tests.engine.test_way_of_a_case import put_on_record, rows
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As

WHO = {key: RETIREE[key] for key in ("name", "id_no")}


def test_the_guide_is_shown_first_and_the_history_says_when(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    ming = visit("aming").open("/start/jilin/joint_case/form")
    assert ming.path == "/start/jilin/joint_case/"
    assert ming.says("经办指南", "最早可于退休前 1 个月申请")
    ming.follow("开始申请").press("下一步", **WHO)
    titles = [event.title for event in rows(stage, CaseEvent)]
    assert "已展示办事指南（2027-04-20 09:00）" in titles


def test_a_case_goes_to_the_window_and_back(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no
    task = stage.tasks()["choose_items"].id
    ming, li = visit("aming"), visit("xiaoli").open(f"/cases/{no}")
    li.press("转到窗口办理")
    assert li.says("已转到窗口办理", "渠道窗口")
    assert ming.open(f"/tasks/{task}").status == 404
    li.follow("打印申请表")
    assert li.says("申请表", no, RETIREE["id_no"], "申请人（签名）", "经办人（签名）")
    li.open(f"/cases/{no}").press("改由申请人网上办理")
    assert li.says("改由申请人在网上继续办理", "渠道网厅")
    assert ming.open(f"/tasks/{task}").status == 200


def test_those_who_are_not_at_the_window_see_no_button(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no
    stage.account("xiaohe", "小何", "staff", roles=("med_clerk",))
    he = visit("xiaohe").open(f"/cases/{no}")
    assert he.status == 200 and not he.says("转到窗口办理")
    assert visit("laowang").open(f"/cases/{no}/application").status == 404
    assert visit("aming").open(f"/cases/{no}/application").status == 403
