"""统计 and 跟踪 in a browser without scripts: every number leads to a list of as many rows."""

import io
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from engine.packs.region import ExportRule
from engine.queries.regions import active_releases
from tests.mix import Made, Matter, Promise, put
from tests.stage import Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor

MIX = [
    Made(
        8,
        accepted=0,
        items=[Matter("medical", "in_progress"), Matter("fund", "succeeded", 1, 5)],
        promises=[Promise(6, None, "medical"), Promise(4, 5, "fund")],
    ),
    Made(5, accepted=1, closed=4, items=[Matter("pension", "succeeded", 1, 4)]),
    Made(6, accepted=1, closed=4, items=[Matter("pension", "succeeded", 1, 4)], supplement=True),
    Made(40, accepted=1, closed=4, items=[Matter("pension", "succeeded", 1, 4)]),
    Made(3, promises=[Promise(4.2)], subject="=HYPERLINK(0)"),
    Made(2, process="prereview"),
]


@pytest.fixture
def mixed(stage: Stage) -> Stage:
    put(stage, MIX)
    return stage


def numbers(page: Visitor) -> Iterator[tuple[str, str]]:
    """Each number on the page that has a list: what it says, and where the list is."""
    for link in page.page.xpath("//main//a[contains(@href, '/statistics/list')]"):
        told = link.xpath(".//b") or [link]
        yield " ".join(told[0].text_content().split()), link.get("href")


def test_every_number_leads_to_a_list_of_as_many_rows(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/statistics")
    assert li.says("收件", "5", "养老保险待遇申领", "示范市社会保险局")
    found = {(said, path) for said, path in numbers(li) if said.isdigit()}
    lists = {path: int(said) for said, path in found if _counts(path, li)}
    assert len(lists) > 40
    for path, said in lists.items():
        assert f"：{said} 件" in li.open(path).headline, path
        rows = li.page.xpath("//main//tbody/tr")
        assert len(rows) == said, path


def _counts(path: str, page: Visitor) -> bool:
    """Not an average or a maximum, which leads to the list it was worked out from."""
    cells = page.page.xpath("//main//td/a[@href=$path]", path=path)
    return len(cells) < 2


def test_figures_are_told_in_words_beside_the_chart(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/statistics")
    (svg,) = li.page.xpath("//main//svg[@role='img']")
    assert svg.xpath("title/text()") == ["最近十二个月的收件和办结"]
    assert svg.xpath("desc/text()")
    values = [int(one) for one in svg.xpath("text[@class='app-chart-value']/text()")]
    received, closed = (
        li.page.xpath(f"//*[@id='months']//tbody//td[{n}]/a/text()") for n in (1, 3)
    )
    assert sorted(values) == sorted(int(one) for one in (*received, *closed) if one != "0")


def test_tables_are_sorted_by_plain_links(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/statistics")
    (link,) = li.page.xpath("//*[@id='items']//th/a[text()='办结']/@href")
    li.open(link)
    column = [
        int(one) for one in li.page.xpath("//*[@id='items']//tbody/tr/td[4]//text()") if one.strip()
    ]
    assert column == sorted(column, reverse=True)
    assert li.page.xpath("//*[@id='items']//th[@aria-sort='descending']/a/text()")[0] == "办结 "
    (link,) = li.page.xpath("//*[@id='items']//th[@aria-sort]/a/@href")
    li.open(link)
    assert li.page.xpath("//*[@id='items']//th[@aria-sort='ascending']")


def test_a_long_list_is_turned_page_by_page(stage: Stage, visit: As) -> None:
    put(stage, [Made(n / 10) for n in range(120)])
    li = visit("xiaoli").open("/statistics/list?figure=running")
    assert li.says("在办：120 件", "第 1 / 3 页")
    seen = set(li.page.xpath("//tbody//th/a/text()"))
    for _ in range(2):
        li.follow("下一页")
        seen |= set(li.page.xpath("//tbody//th/a/text()"))
    assert len(seen) == 120
    assert not li.page.xpath("//a[@rel='next']")
    assert li.open("/statistics/list?figure=running&page=99999").says("第 3 / 3 页")


def test_the_board_says_how_long_everybody_has_been_waiting(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/tracking")
    assert li.says("全部在办 3", "张建国", "办理中", "已 5 个工作日", "超期 2 日", "退休预审")
    assert li.open("/tracking?standing=overdue").says("共 1 件")
    assert li.open("/tracking?agency=medical").says("共 1 件", "示范市医疗保险经办中心")
    assert li.open("/tracking?agency=police").says("没有符合条件的办件")


def test_workbooks_hold_the_same_and_no_formula_comes_to_life(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli")
    book = load_workbook(io.BytesIO(li.client.get("/statistics/export").data))
    assert book.sheetnames[:3] == ["逐月情况", "各机构办理情况", "各业务办理情况"]
    assert book.sheetnames[-1] == "说明"
    offices = list(book["各机构办理情况"].values)
    assert offices[0][:4] == ("机构", "收件", "受理", "办结")
    assert offices[1][1] == 5 and offices[1][3] == 2
    listed = load_workbook(
        io.BytesIO(li.client.get("/statistics/list/export?figure=received").data)
    ).active
    assert listed.max_row == 6
    evil = [cell for row in listed for cell in row if str(cell.value).startswith("=")]
    assert [(cell.data_type, cell.quotePrefix) for cell in evil] == [("s", True)]
    answer = li.client.get("/statistics/list/export?figure=overdue&of=items&sort=x")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/statistics?period=custom", "请填写日期"),
        ("/statistics?period=custom&first=2027-04-02&last=2027-04-01", "不能早于"),
        ("/statistics?period=custom&first=0001-01-01&last=2027-04-01", "2000 至 2100 年"),
        ("/statistics/list?figure=closed&period=custom", "统计期间填写有误"),
    ],
)
def test_a_period_that_makes_no_sense_is_told_beside_its_field(
    stage: Stage, visit: As, path: str, told: str
) -> None:
    li = visit("xiaoli").open(path)
    assert li.status == 422
    assert li.says(told)


@pytest.mark.parametrize(
    "path",
    [
        "/statistics?period=什么&near=abc&sort=items.nothing&item=none&process=none",
        "/statistics?sort=-.&near=99999999999999999999",
        "/statistics/list?figure=running&page=-1&sort=%27",
        "/statistics/list?figure=running&at=%27;--&page=²",
        "/tracking?standing=x&agency=y&page=z",
    ],
)
def test_nonsense_in_an_address_is_no_error(stage: Stage, visit: As, path: str) -> None:
    assert visit("xiaoli").open(path).status == 200


@pytest.mark.parametrize(
    "path", ["/statistics?office=none", "/statistics?region=zongyang", "/statistics/list?figure=x"]
)
def test_what_there_is_not_is_not_found(stage: Stage, visit: As, path: str) -> None:
    assert visit("xiaoli").open(path).status == 404


@pytest.mark.parametrize("login", ["aming", "laowang"])
@pytest.mark.parametrize(
    "path", ["/statistics", "/statistics/export", "/statistics/list?figure=closed", "/tracking"]
)
def test_others_are_told_that_they_may_not(stage: Stage, visit: As, login: str, path: str) -> None:
    someone = visit(login)
    assert someone.open(path).status == 403
    assert "/statistics" not in someone.open("/").links()
    assert "/statistics" in visit("xiaoli").open("/").links()


def test_strangers_are_asked_to_sign_in(visit: As) -> None:
    assert visit().open("/statistics").path == "/sign-in"


def test_an_installation_without_cases_says_so(visit: As) -> None:
    li = visit("xiaoli")
    assert li.open("/statistics").says("还没有可以统计的办件")
    assert li.open("/tracking").says("没有在办的办件")


def test_filters_stay_in_every_link(mixed: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/statistics?period=year&near=9&process=joint_case")
    for _, path in numbers(li):
        query = parse_qs(urlsplit(path).query)
        assert query["near"] == ["9"]
        assert query["period"] in (["year"], ["custom"])
        assert query["process"] == ["joint_case"]


def test_a_list_leaves_only_with_approval_where_a_region_says_so(
    mixed: Stage, visit: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = next(one for one in active_releases(mixed.runtime)).config
    rule = ExportRule(approvers=["admin"], valid_working_days=3, reason="测试")
    monkeypatch.setattr(
        "engine.commands.take_out.export_rules", lambda runtime: {config.code: rule}
    )
    monkeypatch.setattr("webapp.exports.export_rules", lambda runtime: {config.code: rule})
    monkeypatch.setattr("engine.queries.exports.export_rules", lambda runtime: {config.code: rule})
    li, mate = visit("xiaoli"), visit("xiaozhao")
    li.open("/statistics/list/export?figure=closed&period=month")
    assert li.says("申请导出", "办结名单（2027-04-01 至 2027-04-30，2 件）")
    li.press("提交申请", purpose="每月督办例会核对")
    mate.open("/exports/").press("同意")
    path = li.open("/exports/").page.xpath("//a[text()='下载']/@href")[0]
    book = load_workbook(io.BytesIO(li.client.get(path).data))
    assert book.active.max_row == 3
    assert "导出" in mate.open("/exports/").words


@pytest.mark.parametrize("ref", ["x", "closed~cases~jilin~1~2~~~~~5", "a~b~c~d~e~f~g~h~i~j"])
def test_no_such_list_cannot_be_asked_for(stage: Stage, visit: As, ref: str) -> None:
    assert visit("xiaoli").open(f"/exports/ask/figures/{ref}").status == 404
