"""What the browser is told, and what it cannot be made to send."""

import re
from dataclasses import replace

import pytest
from apiflask import APIFlask
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from tests.engine.test_way_of_a_case import HOUSEHOLD, CallResult, answer, apply_for_everything
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As

ADMIN_PAGES = ["/admin/incidents", "/admin/calls", "/admin/agencies", "/admin/releases"]


def test_every_page_forbids_foreign_scripts_and_frames(visit: As) -> None:
    answer = visit("xiaoli").open("/tasks").answer
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/tasks", "/cases", *ADMIN_PAGES])
def test_no_page_holds_inline_scripts_styles_or_handlers(visit: As, path: str) -> None:
    page = visit("xiaoli").open(path).page
    assert not page.xpath("//script[not(@src)][not(@type='application/json')]")
    assert not page.xpath("//style") and not page.xpath("//*[@style]")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")


def test_the_session_cookie_is_out_of_reach_of_scripts(visit: As) -> None:
    stranger = visit()
    page = stranger.open("/sign-in")
    cookie = page.answer.headers["Set-Cookie"]
    assert re.search("HttpOnly", cookie) and re.search("SameSite=Lax", cookie)


def test_a_change_without_the_token_is_refused(visit: As) -> None:
    li = visit("xiaoli")
    answer = li.client.post("/tasks/next")
    assert answer.status_code == 400
    assert "页面已失效" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "没有找到"),
        ("/cases/JL000", 404, "没有找到这一办件"),
        ("/tasks?view=pool&case_no=%00", 400, "请求无法识别"),
        ("/tasks?after=nonsense", 200, "没有待办"),
        ("/cases?after=nonsense", 200, "还没有办件"),
        ("/my/", 403, "没有权限"),
    ],
)
def test_mistaken_addresses_get_an_answer_that_says_what_to_do(
    visit: As, path: str, status: int, words: str
) -> None:
    li = visit("xiaoli").open(path)
    assert li.status == status
    assert li.says(words)


def test_a_form_that_is_too_large_is_refused_in_words(visit: As) -> None:
    li = visit("xiaoli").open("/tasks")
    path, form = li.post_of("领取下一件")
    form["filler"] = "字" * 400_000
    li.send((path, form))
    assert li.status == 413
    assert li.says("提交的内容过大")


def test_an_employer_sees_no_page_of_the_office_or_of_administrators(visit: As) -> None:
    ming = visit("aming")
    for path in ("/tasks", "/cases", *ADMIN_PAGES):
        assert ming.open(path).status == 403, path


def test_without_a_database_the_page_asks_to_try_again(
    app: APIFlask, stage: Stage, visit: As
) -> None:
    li = visit("xiaoli")
    nobody_listens = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    app.extensions["runtime"] = replace(stage.runtime, sessions=sessionmaker(nobody_listens))
    li.open("/tasks")
    assert li.status == 503
    assert li.says("系统繁忙", "已保存的内容不会丢失")
    assert visit().open("/nowhere").status in (404, 503)


def test_a_defect_gets_a_number_and_shows_nothing_else(
    app: APIFlask, stage: Stage, visit: As, capsys: pytest.CaptureFixture[str]
) -> None:
    li = visit("xiaoli")
    app.extensions["runtime"] = replace(stage.runtime, calendars={})  # a mistake of ours
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    li.open("/tasks?view=pool")
    assert li.status == 500
    assert li.says("系统出现问题", "告知管理员") and "KeyError" not in li.words
    number = li.words.split("请将编号 ")[1].split(" ")[0]
    log = capsys.readouterr().out
    assert number in log and RETIREE["id_no"] not in log
