"""交换名册 in a browser: export, upload, look, confirm; print and sign."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from engine.commands.begin_attempt import begin_attempt
from engine.commands.work_upload import work_upload
from engine.models import AgencySetting, Upload
from engine.operations import operations
from handlers.scenario.roster_trip import fill_in
from tests.engine.test_way_of_a_case import apply_for_everything, call_of, rows
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor

POLICE = "/exchange/jilin/police"
CHECK = operations.get("police/household_check")
GOOD = {
    "outcome": "SUCCESS",
    "handled_by": "王警官",
    "business": {"match": True, "life_status": "alive", "checked_at": "2027-04-20"},
}


def hand_over(stage: Stage, mode: str) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode=mode))
    apply_for_everything(stage)
    assert begin_attempt(stage.runtime, call_of(stage, CHECK.code).id) is None


def upload(li: Visitor, content: bytes, name: str = "结果.xlsx") -> Visitor:
    path, form = li.open(POLICE).post_of("上传核对")
    data = {**form.to_dict(), "result": (io.BytesIO(content), name)}
    return li._show(li.client.post(path, data=data, follow_redirects=True))


def test_a_roster_goes_out_and_its_answers_come_in(stage: Stage, visit: As) -> None:
    hand_over(stage, "file")
    li = visit("xiaoli").open("/exchange")
    assert li.says("示范市公安局户政大厅", "名册交换")
    li.open(POLICE)
    li.press("导出名册（1 件待导出）")
    assert li.says("名册已生成", "第 1 号名册", "办理 1 件")
    link = next(link for link in li.links() if link.endswith("/file"))
    roster = li.client.get(link).data
    assert load_workbook(io.BytesIO(roster)).sheetnames == ["户籍信息核验", "填写说明"]

    upload(li, fill_in(roster, [CHECK], GOOD))
    assert li.says("核对结果", "没有发现错误")
    li.press("登记 1 行")
    assert li.says("正在登记", "还有 1 行")
    work_upload(stage.runtime, rows(stage, Upload)[0].id)
    li.open(li.path)
    assert li.says("登记结果", "已登记")
    assert call_of(stage, CHECK.code).state == "succeeded"
    back = li.client.get(next(link for link in li.links() if link.endswith("/file")))
    assert "已登记" in str(list(load_workbook(io.BytesIO(back.data)).worksheets[0].values))
    assert li.open(POLICE).says("结果.xlsx")


def test_a_bad_file_is_told_beside_its_roster(stage: Stage, visit: As) -> None:
    hand_over(stage, "file")
    li = visit("xiaoli").open(POLICE).press("导出名册（1 件待导出）")
    assert upload(li, b"PK\x03\x04 no book").status == 422
    assert li.says("损坏")
    li.press("上传核对")
    assert li.status == 422 and li.says("请先选择")


def test_wrong_rows_are_shown_and_can_be_given_up(stage: Stage, visit: As) -> None:
    hand_over(stage, "file")
    li = visit("xiaoli").open(POLICE).press("导出名册（1 件待导出）")
    roster = li.client.get(next(link for link in li.links() if link.endswith("/file"))).data
    upload(li, fill_in(roster, [CHECK], {"outcome": "FAILED", "handled_by": "王警官"}))
    assert li.says("需要查看的行", "请选择不予办理的情形", "不会登记")
    li.press("放弃")
    assert li.says("文件内容已销毁")


def test_a_paper_list_is_printed_with_full_numbers_and_signed_for(stage: Stage, visit: As) -> None:
    hand_over(stage, "manual")
    li = visit("xiaoli").open(POLICE).press("生成纸质清单")
    assert li.says("移交", "清单", RETIREE["id_no"], "经办人签字", "签收日期")
    li.open(POLICE).press("登记签收", received_by="王警官", received_on="2027-05-01")
    assert li.status == 422 and li.says("不晚于今天")
    li.press("登记签收", received_by="王警官", received_on="2027-04-20")
    assert li.says("签收已登记", "更正签收")


@pytest.mark.parametrize("path", ["/exchange", POLICE])
def test_only_staff_with_an_agency_exchange(visit: As, path: str) -> None:
    assert visit("aming").open(path).status == 403
    wang = visit("laowang").open(path)
    assert wang.status == 404 or wang.says("没有由您交换名册的部门")
