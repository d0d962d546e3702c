"""Signing in and out, and what strangers may see."""

from dataclasses import replace

import pytest
from apiflask import APIFlask
from lxml import html

from engine.models import Account
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import PASSWORD
from webapp.doors import DOORS


def test_everybody_comes_to_their_own_first_page(visit: As) -> None:
    assert visit("xiaoli").open("/").headline == "我的待办"
    assert visit("aming").open("/").headline == "企业办事"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(visit: As) -> None:
    stranger = visit().open("/sign-in")
    stranger.press("登录", login="aming", password="wrong")
    wrong = stranger.words
    stranger.press("登录", login="nobody", password="wrong")
    assert stranger.status == 422
    assert "登录名或密码不正确" in wrong and "登录名或密码不正确" in stranger.words


def test_after_eight_failures_even_the_right_password_has_to_wait(visit: As) -> None:
    stranger = visit().open("/sign-in")
    for _ in range(8):
        stranger.press("登录", login="aming", password="wrong")
    stranger.press("登录", login="aming", password=PASSWORD)
    assert stranger.status == 429
    assert stranger.says("请 15 分钟后再试")


def test_no_page_is_shown_to_a_stranger(app: APIFlask, visit: As) -> None:
    stranger = visit()
    for rule in app.url_map.iter_rules():
        if DOORS[rule.endpoint].stranger or "GET" not in (rule.methods or ()):
            continue
        if rule.rule.startswith(("/static", "/api/v1")) or rule.rule == "/metrics":
            continue
        values = dict.fromkeys(rule.arguments, "00000000-0000-0000-0000-000000000001")
        if "scope" in values:
            values["scope"] = "agency"
        _, path = rule.build(values) or ("", "")
        stranger.open(path)
        assert stranger.headline == "登录", rule.rule


ID_NO, CARD, MOBILE = RETIREE["id_no"], "6222020000000000018", "13900000001"
IDENT = "01a23258-6684-79e7-a7a0-012345678901"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/cases", "/cases"),
        ("/admin/calls?state=queued", "/admin/calls?state=queued"),
        ("/cases/JL2027042000001", "/cases/JL2027042000001"),
        (f"/tasks/{IDENT}", f"/tasks/{IDENT}"),
        (f"/cases/{ID_NO}", "/"),
        (f"/cases/{ID_NO[:-1]}X", "/"),
        (f"/cases/{CARD}", "/"),
        (f"/cases?q={MOBILE}", "/cases"),
        (f"/cases?q=%3{ID_NO[0]}{ID_NO[1:]}", "/cases"),
        (f"/no/such/page/{ID_NO}", "/"),
        ("/sign-out", "/"),  # a form, not a page
        ("/" + "x" * 400, "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
    ],
)
def test_what_was_asked_for_is_repeated_only_if_it_is_a_page_and_names_nobody(
    visit: As, asked: str, kept: str
) -> None:
    stranger = visit()
    came_to = stranger.client.get(asked).location if asked.startswith("/cases") else ""
    page = stranger.client.get("/sign-in", query_string={"next": asked}).text
    for number in (ID_NO, ID_NO[:-1], ID_NO[1:], CARD, MOBILE):
        assert number not in page and number not in (came_to or "")
    (field,) = set(
        html.fromstring(page).xpath("//form[.//input[@name='login']]//input[@name='next']/@value")
    )
    assert field == kept


def test_the_page_asked_for_is_shown_after_signing_in(visit: As) -> None:
    stranger = visit().open("/cases")
    stranger.press("登录", login="xiaoli", password=PASSWORD)
    assert stranger.headline == "办件查询"


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(visit: As, evil: str) -> None:
    stranger = visit().open("/sign-in")
    path, form = stranger.post_of("登录", login="xiaoli", password=PASSWORD)
    form["next"] = evil
    answer = stranger.client.post(path, data=form)
    assert answer.location == "/"


def test_a_disabled_account_is_out_at_once(stage: Stage, visit: As) -> None:
    li = visit("xiaoli")
    with stage.runtime.transaction() as session:
        account = session.get(Account, stage.li.account_id)
        assert account is not None
        account.active = False
    assert li.open("/tasks").headline == "登录"


def test_signing_out_ends_it(visit: As) -> None:
    li = visit("xiaoli").open("/tasks")
    li.press("退出")
    assert li.says("您已安全退出")
    assert li.open("/tasks").headline == "登录"


def test_demo_accounts_are_shown_in_a_demonstration_only(app: APIFlask, visit: As) -> None:
    assert visit().open("/sign-in").says("演示账号", "rs01")
    app.extensions["settings"] = replace(app.extensions["settings"], demo=False)
    assert not visit().open("/sign-in").says("演示账号")
