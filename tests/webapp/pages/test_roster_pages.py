"""名册导入 in a browser."""

import io

from openpyxl import load_workbook

from engine.commands.work_upload import work_upload
from engine.models import Upload
from tests.engine.test_rosters import HEAD, MET, WHO, book
from tests.engine.test_way_of_a_case import put_on_record, rows
from tests.stage import Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor

ROSTER = "/rosters/jilin/contribution_check"


def upload(li: Visitor, content: bytes) -> Visitor:
    path, form = li.open(ROSTER).post_of("上传核对")
    data = {**form.to_dict(), "table": (io.BytesIO(content), "核查.xlsx")}
    return li._show(li.client.post(path, data=data, follow_redirects=True))


def test_a_clerk_takes_a_roster_in(stage: Stage, visit: As) -> None:
    put_on_record(stage)
    li = visit("xiaoli").open("/rosters")
    assert li.headline == "缴费核查结果名册" and li.says("名册导入", "核查结论", "必填")
    template = li.client.get(next(link for link in li.links() if link.endswith("/template"))).data
    headings = next(iter(load_workbook(io.BytesIO(template)).worksheets[0].values))
    assert set(HEAD) <= set(headings)
    upload(li, book([*WHO, "符合", "正常", 400, "2027-03-10"], ["李四", WHO[1], *MET]))
    assert li.says("核对结果", "与第 2 行重复")
    li.press("登记 1 行")
    work_upload(stage.runtime, rows(stage, Upload)[0].id)
    assert li.open(li.path).says("登记结果", "已登记")
    assert li.open(ROSTER).says("核查.xlsx", "增量", "已登记")


def test_a_file_of_no_use_is_told(visit: As) -> None:
    li = visit("xiaoli").open(ROSTER).press("上传核对")
    assert li.status == 422 and li.says("请先选择")
    assert upload(li, b"\x00").status == 422
    assert li.says("不能识别")


def test_others_have_no_such_roster(visit: As) -> None:
    assert visit("aming").open(ROSTER).status == 404
    assert not visit("aming").open("/").says("缴费核查结果名册")
    assert visit("laowang").open(ROSTER).status == 404
