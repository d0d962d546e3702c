"""What a retiree gets of what is kept about them: all of it, in full, and nobody else does."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from engine.accounts import add_account
from engine.models import AccountEvent, PersonFile
from tests.engine.test_way_of_a_case import approved
from tests.stage import APPLICATION, CARD, RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import PASSWORD, Visitor


@pytest.fixture
def no(stage: Stage) -> str:
    """The number of 张建国's approved case; the account ``gr`` is theirs."""
    no = approved(stage)
    with stage.runtime.transaction() as session:
        file = session.scalars(select(PersonFile)).one()
        add_account(session, "gr", "张建国", PASSWORD, "person", person_id=file.person_id)
    return no


def saved(visitor: Visitor) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(visitor.open("/my/data/save").text)
    return content


def test_a_retiree_reads_their_own_numbers_in_full(no: str, visit: As) -> None:
    page = visit("gr").follow("我的个人信息")
    assert page.says(RETIREE["id_no"], RETIREE["mobile"], CARD["account_no"], no, "退休审批")
    assert APPLICATION["contact_mobile"] not in page.words  # the operator's, not theirs


def test_the_file_says_everything_that_is_kept(no: str, visit: As) -> None:
    gr = visit("gr")
    record = saved(gr)
    assert gr.answer.headers["Content-Disposition"].startswith("attachment")
    assert record["person"]["id_no"] == RETIREE["id_no"]
    (file,) = record["files"]
    assert "prereview" in {one["section"] for one in file["sections"]}
    case = next(one for one in record["cases"] if one["no"] == no)
    texts = {fact.get("text") for section in case["sections"] for fact in section["facts"]}
    assert CARD["account_no"] in texts
    assert all(section["written"][0]["at"] for section in case["sections"])
    for kind in ("notices", "documents", "requests", "history", "items"):
        assert case[kind], kind
    assert APPLICATION["contact_mobile"] not in gr.text


def test_every_look_leaves_a_line(no: str, stage: Stage, visit: As) -> None:
    gr = visit("gr")
    saved(gr.open("/my/data"))
    with stage.runtime.reading() as session:
        titles = session.scalars(
            select(AccountEvent.title)
            .where(AccountEvent.kind == "own_data")
            .order_by(AccountEvent.at, AccountEvent.id)
        ).all()
    assert titles == ["查看了本人的全部个人信息", "下载了本人的全部个人信息"]
    assert gr.open("/my/data").says("下载了本人的全部个人信息")


def test_nobody_else_gets_at_it(no: str, stage: Stage, visit: As) -> None:
    stage.account("other", "李四", "person")
    for login in ("aming", "xiaoli", "other"):
        somebody = visit(login).open("/my/data/save")
        assert somebody.status == 403, login
        assert RETIREE["id_no"] not in somebody.text
