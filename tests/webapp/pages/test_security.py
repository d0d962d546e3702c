"""What the browser is told, and what it cannot be made to send."""

import re

import pytest

from tests.webapp.pages.conftest import As
from webapp.security import csrf

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
    assert csrf is not None
    answer = li.client.post("/tasks/next")
    assert answer.status_code == 400
    assert "页面已失效" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "没有找到"),
        ("/cases/JL000", 404, "没有找到办件 JL000"),
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
