"""The administrator's page of working days."""

import io
import json

from werkzeug.datastructures import FileStorage

from engine.models import CalendarYear
from tests.stage import Stage
from tests.webapp.pages.conftest import As

ROWS = "2027-03-01 休 测试节\n2027-03-02 休 测试节\n2027-03-06 班 测试节"


def kept(stage: Stage, year: int) -> CalendarYear | None:
    with stage.runtime.reading() as session:
        return session.get(CalendarYear, ("cn", year))


def test_a_published_year_is_shown_at_a_glance(visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar?year=2026")
    assert li.says("工作日历 2026 年", "已发布", "全年 248 个工作日", "春节")
    assert len(li.page.xpath("//table[@class='app-month']")) == 12
    assert li.page.xpath("//td[@class='is-make_up' and contains(., '14')]")
    assert li.page.xpath("//td[@class='is-rest' and @title='国庆节']")


def test_a_year_without_its_notice_says_what_that_means(visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar?year=2027")
    assert li.says("工作日历 2027 年", "预计", "放假通知尚未录入")


def test_a_year_that_is_none_is_this_year(visit: As) -> None:
    for year in ("", "x", "0", "99999", "²026", "-1"):
        assert visit("xiaoli").open(f"/admin/calendar?year={year}").says("工作日历 2027 年")


def test_a_notice_is_previewed_and_then_published(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar?year=2027")
    li.press("预览", title="测试用放假通知", source="测试〔2027〕1号", text=ROWS)
    assert li.says("2027 年工作日历", "测试用放假通知", "测试〔2027〕1号", "2027-03-06")
    assert li.says("请核对：通知中没有元旦、劳动节、国庆节")
    assert kept(stage, 2027) is None  # nothing counts yet
    li.press("发布并重新计算时限")
    assert li.says("2027 年工作日历已发布", "正在重新计算")
    row = kept(stage, 2027)
    assert row is not None and row.imported_by == "小李"
    li.open("/admin/calendar?year=2027").press("预览", title="更正", text=ROWS)
    assert li.says("该年已由小李于", "发布后以这次为准")


def test_a_file_is_taken_as_well(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar")
    path, form = li.post_of("预览", title="测试用放假通知")
    csv = FileStorage(io.BytesIO(ROWS.replace(" ", ",").encode()), "通知.csv")
    li.send((path, form.__class__([*form.items(multi=True), ("file", csv)])))  # type: ignore[list-item]
    assert li.says("测试节", "2027-03-01 至 2027-03-02")


def test_mistakes_are_told_and_what_was_typed_is_kept(visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar")
    li.press("预览", title="某通知", text="2027-02-30 休")
    assert li.status == 422
    assert li.says("没有录入，请修改", "第 1 行", "不是日期")
    assert li.page.xpath("//textarea")[0].text == "2027-02-30 休"
    assert li.page.xpath("//input[@name='title']/@value") == ["某通知"]
    li.press("预览", title="", text=ROWS)
    assert li.says("请填写放假通知的名称")
    li.press("预览", title="某通知", text="")
    assert li.says("请选择文件，或在下方粘贴日期")


def test_a_notice_that_was_tampered_with_is_refused(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/admin/calendar")
    li.press("预览", title="测试用放假通知", text=ROWS)
    path, form = li.post_of("发布并重新计算时限")
    for wrong in ("", "[", "[]", json.dumps({"year": 2027}), "[" * 5000):
        form["notice"] = wrong
        li.send((path, form))
        assert li.says("内容已损坏")
    assert kept(stage, 2027) is None


def test_nobody_else_sees_or_publishes_a_calendar(visit: As) -> None:
    assert visit("aming").open("/admin/calendar").status == 403
    assert visit("xiaoli").open("/admin/calendar?calendar=ningxia").status == 404
    assert visit("laowang").open("/admin/calendar").status == 404
