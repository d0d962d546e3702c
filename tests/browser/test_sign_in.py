"""Signing in, in real browsers: passwords, telephones, lost telephones, locks, other devices."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select, text, update

from engine.models import Account, AccountEvent, SecondFactor, SignInSession
from engine.settings import Settings
from handlers.sandbox import create_app as create_sandbox
from tests.conftest import Database
from tests.stage import Stage
from webapp import create_app

Accessible = Callable[[Page], None]
PASSWORD = "long enough a password"
PHONE = {"width": 390, "height": 844}


class Place(NamedTuple):
    """An installation that asks staff for a second factor, and the same where nobody is asked."""

    asking: str
    easy: str
    stage: Stage


@pytest.fixture
def place(
    page: Page, database: Database, settings: Settings, serve: Callable[[Flask], str]
) -> Iterator[Place]:
    stage = Stage(database.engine)
    asking = serve(create_app(replace(settings, second_factor="staff"), stage.runtime))
    yield Place(asking, serve(create_app(settings, stage.runtime)), stage)
    page.wait_for_load_state("networkidle")  # before the servers go away


def enter(page: Page, base: str, login: str = "xiaoli", password: str = PASSWORD) -> None:
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    page.wait_for_load_state()


def secret_on(page: Page) -> str:
    return "".join(page.locator(".app-key code").all_inner_texts())


def enrol(page: Page, base: str, login: str = "xiaoli") -> tuple[str, list[str]]:
    """Sign in for the first time and set the telephone up; returns its secret and the codes."""
    enter(page, base, login)
    secret = secret_on(page)
    page.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("请保存恢复码"))
    return secret, page.locator(".app-codes code").all_inner_texts()


def next_code(secret: str) -> str:
    """The code after the present one: taken by us already, and never used before."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


def headline(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_clerk_enrols_a_telephone_before_anything_else_and_signs_in_with_it(
    page: Page, place: Place, accessible: Accessible, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    page.goto(f"{place.asking}/sign-in")
    accessible(page)
    enter(page, place.asking)
    headline(page, "设置二次验证")
    page.goto(f"{place.asking}/tasks")
    headline(page, "设置二次验证")
    accessible(page)
    page.set_viewport_size(PHONE)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    secret = secret_on(page)
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="启用").click()
    expect(page.locator("#code-error")).to_have_text(re.compile("验证码不正确"))
    accessible(page)
    assert secret_on(page) == secret  # the telephone need not scan again
    used = pyotp.TOTP(secret).now()
    page.get_by_label("验证码").fill(used)
    page.get_by_role("button", name="启用").click()
    assert page.locator(".app-codes code").count() == 10
    accessible(page)
    page.get_by_role("link", name="已保存，继续").click()
    headline(page, "我的待办")

    page.get_by_role("button", name="退出").click()
    page.goto(f"{place.asking}/cases")
    page.locator("#login").fill("xiaoli")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    headline(page, "二次验证")
    accessible(page)
    page.get_by_label("验证码").fill(used)  # somebody looked over the shoulder
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("每个验证码只能用一次"))
    accessible(page)
    page.goto(f"{place.asking}/tasks")
    headline(page, "登录")  # a password alone opens nothing
    page.goto(f"{place.asking}/sign-in/code?next=/cases")
    page.get_by_label("验证码").fill(next_code(secret))
    page.get_by_role("button", name="登录").click()
    headline(page, "办件查询")
    with place.stage.runtime.reading() as session:
        sealed = session.scalars(select(SecondFactor.secret_sealed)).one()
    assert secret.encode() not in bytes(sealed)


def test_a_recovery_code_stands_in_for_the_telephone_once(
    page: Page, place: Place, accessible: Accessible, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    _, codes = enrol(page, place.asking)
    for attempt in range(2):
        page.get_by_role("button", name="退出").click()
        enter(page, place.asking)
        page.get_by_label("验证码").fill(codes[3].lower().replace("-", " "))
        page.get_by_role("button", name="登录").click()
        if attempt == 0:
            expect(page.get_by_role("status").first).to_contain_text("还剩 9 个")
            accessible(page)
    expect(page.get_by_role("alert")).to_have_text(re.compile("验证码不正确"))

    page.get_by_label("验证码").fill(codes[4])
    page.get_by_role("button", name="登录").click()
    page.goto(f"{place.asking}/second-factor")
    accessible(page)
    page.get_by_label("手机上的验证码或一个恢复码").nth(1).fill(codes[5])
    page.get_by_role("button", name="重新生成").click()
    fresh = page.locator(".app-codes code").all_inner_texts()
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    page.goto(f"{place.asking}/second-factor")
    page.get_by_label("手机上的验证码或一个恢复码").first.fill(fresh[0])
    page.get_by_role("button", name="换手机").click()
    headline(page, "设置二次验证")
    page.goto(f"{place.asking}/tasks")
    headline(page, "设置二次验证")  # the new telephone first


def test_who_guesses_is_locked_out_everywhere_until_an_administrator_unlocks(
    page: Page,
    place: Place,
    browser: Browser,
    accessible: Accessible,
    expected_errors: list[str],
) -> None:
    expected_errors += ["422", "429"]
    for attempt in range(8):  # two processes count together
        enter(page, (place.easy, place.asking)[attempt % 2], "xiaoli", f"guess {attempt}")
        expect(page.get_by_role("alert")).to_have_text("登录名或密码不正确，请重新输入。")
    enter(page, place.easy)
    expect(page.get_by_role("alert")).to_have_text(re.compile("请 15 分钟后再试"))
    accessible(page)
    for _ in range(8):
        enter(page, place.easy, "220199196611200016", "guess")
    enter(page, place.easy, "220199196611200016", "guess")
    expect(page.get_by_role("alert")).to_have_text(re.compile("请 15 分钟后再试"))

    other = browser.new_context().new_page()
    enter(other, place.easy, "xiaozhao")
    other.goto(f"{place.easy}/admin/people")
    accessible(other)
    other.get_by_role("link", name="小李").click()
    expect(other.get_by_text("已锁定")).to_be_visible()
    accessible(other)
    other.get_by_role("button", name="解除锁定").click()
    expect(other.get_by_role("status").first).to_contain_text("已解除锁定")
    expect(other.get_by_role("cell", name="解除小李的锁定")).to_be_visible()
    other.context.close()
    enter(page, place.easy)
    headline(page, "我的待办")
    with place.stage.runtime.reading() as session:
        kept = session.scalars(text("select tries::text from tries")).all()
    assert kept and not [row for row in kept if "220199" in row or "xiaoli" in row]


def test_a_device_left_behind_is_signed_out_from_another(
    page: Page, place: Place, browser: Browser, accessible: Accessible
) -> None:
    pages = [browser.new_context().new_page() for _ in range(3)]
    for one in pages:
        enter(one, place.easy)
    enter(page, place.easy)
    page.get_by_role("link", name="小李").click()
    headline(page, "我的登录设备")
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_text("正在使用")).to_be_visible()
    accessible(page)
    page.set_viewport_size(PHONE)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name=re.compile("^退出 Linux")).first.click()
    expect(page.locator("tbody tr")).to_have_count(3)
    out = []
    for one in pages:
        one.goto(f"{place.easy}/tasks")
        out.append(one.get_by_role("heading", level=1).inner_text() == "登录")
    assert sorted(out) == [False, False, True]
    page.get_by_role("button", name="退出其他全部设备").click()
    expect(page.get_by_role("status").first).to_have_text("其他 2 台设备已退出。")
    for one in pages:
        one.goto(f"{place.easy}/tasks")
        headline(one, "登录")
        one.context.close()
    page.goto(f"{place.easy}/tasks")
    headline(page, "我的待办")
    with place.stage.runtime.reading() as session:
        titles = session.scalars(select(AccountEvent.title).order_by(AccountEvent.id)).all()
    assert [title[:4] for title in titles] == ["退出设备", "退出其他"]


def test_an_administrator_signs_somebody_out_and_resets_a_lost_telephone(
    page: Page, place: Place, browser: Browser, accessible: Accessible
) -> None:
    enrol(page, place.asking)
    admin = browser.new_context().new_page()
    enrol(admin, place.asking, "xiaozhao")
    admin.goto(f"{place.asking}/admin/people")
    admin.get_by_role("link", name="小李").click()
    accessible(admin)
    admin.get_by_role("button", name="退出全部设备").click()
    expect(admin.get_by_role("status").first).to_have_text("已退出 1 台设备。")
    page.goto(f"{place.asking}/tasks")
    headline(page, "登录")
    admin.get_by_role("button", name="重置二次验证").click()
    expect(admin.get_by_role("status").first).to_contain_text("二次验证已重置")
    accessible(admin)
    admin.context.close()
    enter(page, place.asking)
    headline(page, "设置二次验证")


def test_a_session_ends_when_nobody_works_in_it_or_the_day_is_over(
    page: Page, place: Place
) -> None:
    for ends in (
        {"seen_at": func.now() - text("interval '121 minutes'")},
        {"ends_at": func.now() - text("interval '1 second'")},
    ):
        enter(page, place.easy)
        headline(page, "我的待办")
        with place.stage.runtime.transaction() as session:
            session.execute(
                update(SignInSession).values(seen_at=func.now() - text("interval '119 minutes'"))
            )
        page.goto(f"{place.easy}/cases")
        headline(page, "办件查询")  # a long lunch
        with place.stage.runtime.transaction() as session:
            session.execute(update(SignInSession).values(**ends))
        page.goto(f"{place.easy}/cases")
        headline(page, "登录")


def test_who_comes_from_the_platform_has_devices_too_and_is_signed_out_from_another(
    page: Page,
    database: Database,
    settings: Settings,
    browser: Browser,
    tmp_path: Path,
    serve: Callable[[Flask], str],
    accessible: Accessible,
) -> None:
    sandbox = create_sandbox(tmp_path / "sandbox", settings.agency_secret, attended=True)
    platform = serve(sandbox)
    sandbox.extensions["office"].address = platform
    stage = Stage(database.engine)
    own = replace(settings, sandbox_port=int(platform.rsplit(":", 1)[1]), second_factor="staff")
    base = serve(create_app(own, stage.runtime))
    sandbox.config["WEB"] = base
    other = browser.new_context().new_page()
    for one in (other, page):
        one.goto(f"{base}/sign-in")
        one.get_by_role("link", name="通过吉事办登录（模拟）").click()
        one.get_by_role("link", name="模拟扫码").click()
        one.get_by_role("radio", name="李桂芬").check()
        one.get_by_role("button", name="确认登录").click()
        headline(one, "李桂芬，您好")  # no second factor: the platform's word is enough
    page.get_by_role("link", name="李桂芬", exact=True).click()
    expect(page.get_by_role("cell", name="吉事办")).to_have_count(2)
    expect(page.get_by_text("接口密钥")).to_have_count(0)
    accessible(page)
    page.get_by_role("button", name=re.compile("^退出 Linux")).click()
    other.goto(f"{base}/my/")
    headline(other, "登录")
    other.context.close()
    page.wait_for_load_state("networkidle")  # before the servers go away


def test_a_changed_password_signs_out_everybody_else(
    page: Page, place: Place, browser: Browser, accessible: Accessible
) -> None:
    thief = browser.new_context().new_page()
    enter(thief, place.easy)
    enter(page, place.easy)
    page.goto(f"{place.easy}/devices/")
    page.get_by_role("link", name="修改密码").click()
    accessible(page)
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码").fill("another long password")
    page.get_by_role("button", name="保存").click()
    headline(page, "我的待办")
    thief.goto(f"{place.easy}/tasks")
    headline(thief, "登录")
    thief.context.close()
    with place.stage.runtime.reading() as session:
        account = session.scalars(select(Account).where(Account.login == "xiaoli")).one()
    assert account.second_factor_at is None
