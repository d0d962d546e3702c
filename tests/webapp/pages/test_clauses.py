"""政策条款: what administrators see of the sentences a region has to fulfil."""

import pytest

from engine.packs.proof import kept_proof, summarise, trace
from tests.stage import JILIN, Stage
from tests.webapp.pages.conftest import As


def test_every_clause_stands_there_with_its_words_and_what_proves_it(visit: As) -> None:
    page = visit("xiaoli").open("/admin/clauses")
    summary = summarise(trace(JILIN, kept_proof(JILIN)))
    assert page.says("吉林省政策条款", f"共 {summary.total} 条", f"已证明 {summary.proven} 条")
    assert page.says("若所有业务均不勾选，", "什么都不勾选，只认定退休资格")
    assert len(page.page.xpath("//tbody/tr")) == summary.total


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("state=out", "JL-029", "JLG-024"),
        ("state=proven", "JLG-024", "JL-029"),
        ("kind=timer", "JLG-042", "JLG-024"),
        ("q=JLG-024", "JLG-024", "JLG-025"),
        ("q=一次办结", "JL-063", "JLG-024"),
    ],
)
def test_it_can_be_narrowed(visit: As, asked: str, shown: str, hidden: str) -> None:
    page = visit("xiaoli").open(f"/admin/clauses/jilin?{asked}")
    ids = page.page.xpath("//tbody/tr/@id")
    assert shown in ids
    assert hidden not in ids


def test_nothing_found_is_said(visit: As) -> None:
    assert visit("xiaoli").open("/admin/clauses/jilin?q=月球").says("没有符合条件的条款")


def test_a_place_in_a_diagram_is_shown_there(visit: As) -> None:
    li = visit("xiaoli").open("/admin/clauses/jilin?q=JLG-042")
    page = li.follow("申报与审批：退休审批")
    assert page.headline == "申报与审批 · 退休审批"
    assert page.says("经办时限：当日办结。")
    drawing = li.client.get("/admin/clauses/jilin/application/drawing")
    assert drawing.mimetype == "application/xml"
    assert li.open("/admin/clauses/jilin/nothing").status == 404


def test_only_administrators_of_the_region_see_it(stage: Stage, visit: As) -> None:
    assert visit("aming").open("/admin/clauses/jilin").status == 403
    stage.account("jbg", "经办", "staff", roles=["si_clerk"])
    assert visit("jbg").open("/admin/clauses/jilin").status == 403
    wang = visit("laowang")
    assert wang.open("/admin/clauses/jilin").status == 404
    assert wang.open("/admin/clauses").says("还没有条款表")
