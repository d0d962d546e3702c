"""退休年龄测算: earliest, statutory and latest month for everybody, and what the region adds."""

import pytest
from lxml import html

from tests.webapp.pages.conftest import As

PAGE = "/retirement-age"


def test_a_stranger_learns_the_earliest_statutory_and_latest_month(visit: As) -> None:
    stranger = visit().open("/sign-in").follow("退休年龄测算")
    stranger.open(f"{PAGE}?year=1972&month=9&of=60&region=")
    assert stranger.status == 200
    assert stranger.says("2034 年 9 月", "延迟 24 个月", "62 周岁")
    rows = [
        " ".join(row.text_content().split())
        for row in stranger.page.xpath("//table[contains(@class, 'app-ways')]/tbody/tr")
    ]
    assert "2032 年 9 月" in rows[0] and "16 年 6 个月" in rows[0]
    assert "2032 年 6 月前书面告知单位" in rows[0]
    assert "2037 年 9 月" in rows[2] and "2034 年 8 月前与单位书面商定" in rows[2]
    assert stranger.says("人社部发〔2024〕94号", "第一条", "第二条")


def test_a_region_says_when_it_opens(visit: As) -> None:
    page = visit().open(f"{PAGE}?year=1972&month=9&of=60&region=jilin")
    when = page.page.xpath("//ol[contains(@class, 'app-when')]")[0].text_content()
    assert [text in when for text in ("2034 年 3 月", "2034 年 8 月", "2034 年 9 月")] == [True] * 3
    assert page.says("申报退休预审（最晚）", "吉人社联〔2024〕56号")
    assert "/guide/jilin" in page.links()


def test_whoever_was_old_enough_before_the_reform_is_told_so(visit: As) -> None:
    page = visit().open(f"{PAGE}?year=1964&month=12&of=60")
    assert page.says("2024 年 12 月", "不延迟") and not page.says("书面告知")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("year=19&month=9&of=60", "year"),
        ("year=２０２６&month=9&of=60", "year"),
        ("year=1972&month=13&of=60", "month"),
        ("year=1972&month=9&of=61", "of"),
        ("year=1972&month=9&of=60&region=nowhere", "region"),
    ],
)
def test_bad_input_points_to_its_field_and_loses_nothing(visit: As, asked: str, field: str) -> None:
    page = visit().open(f"{PAGE}?{asked}")
    assert page.status == 422
    (link,) = page.page.xpath("//*[@id='error-summary']//a")
    assert link.get("href") == f"#{field}"
    assert page.page.xpath(f"//*[@id='{field}-wrong']")
    year = page.page.xpath("//input[@name='year']")[0].get("value")
    assert f"year={year}&" in asked


def test_what_is_typed_stays_text(visit: As) -> None:
    page = visit().open(f"{PAGE}?year=%3Cb%3E&month=9&of=60")
    assert page.status == 422 and "<b>" not in html.tostring(page.page, encoding="unicode")


def test_applicants_come_to_it_from_their_home(visit: As) -> None:
    assert visit("aming").open("/my/").follow("退休年龄测算").headline == "退休年龄测算"
