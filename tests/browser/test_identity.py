"""Signing in through the simulated platform, and what units and strangers do then, in a browser.

Both sides are real servers that talk over HTTP.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.models import AgencySetting, Feedback, ServiceCall
from engine.settings import Settings
from handlers.jobs import Exchange, Jobs
from handlers.sandbox import create_app as create_sandbox
from tests.conftest import Database
from tests.engine.test_way_of_a_case import approved, put_on_record
from tests.installation import until
from tests.stage import RETIREE, Stage
from webapp import create_app

Accessible = Callable[[Page], None]
PHONE = {"width": 390, "height": 844}


class World(NamedTuple):
    """Both addresses, and what lies behind ours."""

    base: str
    platform: str
    stage: Stage
    settings: Settings


@pytest.fixture
def world(
    page: Page,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    serve: Callable[[Flask], str],
) -> Iterator[World]:
    sandbox = create_sandbox(tmp_path / "sandbox", settings.agency_secret, attended=True)
    platform = serve(sandbox)
    sandbox.extensions["office"].address = platform
    stage = Stage(database.engine)
    own = Settings(**{**vars(settings), "sandbox_port": int(platform.rsplit(":", 1)[1])})
    base = serve(create_app(own, stage.runtime))
    sandbox.config["WEB"] = base
    yield World(base, platform, stage, own)
    page.wait_for_load_state("networkidle")  # before the servers go away


def scan(page: Page, who: str, *, legal: bool = False) -> None:
    """On the platform's page: choose the door, press 模拟扫码, and be somebody."""
    if legal:
        page.get_by_role("link", name="企业（法人）登录").click()
    expect(page.locator(".qr svg")).to_be_visible()
    page.get_by_role("link", name="模拟扫码").click()
    page.get_by_role("radio", name=re.compile(who)).first.check()
    page.get_by_role("button", name="确认登录").click()


def test_a_person_scans_and_is_in(page: Page, world: World, accessible: Accessible) -> None:
    page.goto(f"{world.base}/sign-in")
    accessible(page)
    page.get_by_role("link", name="通过吉事办登录（模拟）").click()
    expect(page.get_by_role("heading", name="统一身份认证登录")).to_be_visible()
    accessible(page)
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="模拟扫码").click()
    accessible(page)
    page.get_by_role("radio", name="微信", exact=True).check()
    page.get_by_role("radio", name="李桂芬").check()
    page.get_by_role("button", name="确认登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("李桂芬，您好")
    accessible(page)


def test_who_turns_back_or_is_no_operator_reads_what_to_do(
    page: Page, world: World, accessible: Accessible, expected_errors: list[str]
) -> None:
    expected_errors.append("403")
    page.goto(f"{world.base}/sign-in/identity/jilin")
    page.get_by_role("button", name="取消登录").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("您没有完成登录"))
    accessible(page)
    page.get_by_role("link", name="重新登录").click()
    scan(page, "工作人员", legal=True)
    expect(page.get_by_role("alert")).to_have_text(re.compile("您还不是.*的经办人"))


def test_an_enterprise_comes_from_the_portal_signs_in_and_sets_up_an_operator(
    page: Page, world: World, accessible: Accessible
) -> None:
    put_on_record(world.stage)
    page.goto(f"{world.platform}/portal")
    accessible(page)
    page.get_by_role("link", name=re.compile("从吉事办网厅进入")).click()
    page.get_by_role("link", name="企业（法人）登录").click()
    accessible(page)
    page.get_by_label(re.compile("^密码")).fill("jishiban-2026")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("link", name="已阅读，开始申请")).to_be_visible()

    page.get_by_role("link", name="经办人").click()
    page.get_by_label("单位名称").fill("吉林省示范机械有限公司第一分公司")
    page.get_by_label("统一社会信用代码").fill("91220199MA0X000046")
    page.get_by_role("button", name="登记下级单位").click()
    page.get_by_label("姓名", exact=True).fill("于小川")
    page.get_by_label("登录名").fill("yuxiaochuan")
    page.get_by_label("身份证号").fill("220199198505050041")
    page.get_by_label("所属单位").select_option(label="吉林省示范机械有限公司第一分公司")
    page.get_by_role("checkbox", name="再次提取公积金").uncheck()
    page.get_by_role("button", name="设立").click()
    expect(page.get_by_role("status").first).to_contain_text("临时密码只显示这一次")
    accessible(page)
    page.set_viewport_size(PHONE)
    accessible(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="管理于小川").click()
    expect(page.get_by_role("checkbox", name="再次提取公积金")).not_to_be_checked()
    accessible(page)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("status").first).to_contain_text("已停用")


def test_an_institution_asks_for_an_account_on_a_telephone(
    page: Page, world: World, accessible: Accessible
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{world.base}/sign-in")
    page.get_by_role("link", name="档案托管机构开户申请").click()
    accessible(page)
    for label, value in (
        ("机构名称", "示范区人才交流中心"),
        ("统一社会信用代码", "12220199MB0000003F"),
        ("档案管理资质", "示范市人社局备案（2023）5 号"),
        ("办公地址", "示范市和平路 9 号"),
        ("管理员姓名", "托管管理员"),
        ("管理员身份证号", "220199198503070057"),
        ("管理员手机", "13900000085"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label(re.compile("以上内容真实")).check()
    page.get_by_role("button", name="提交申请").click()
    number = page.locator("strong").inner_text()
    accessible(page)
    page.get_by_role("link", name="查询结果").click()
    page.get_by_label("办件编号").fill(number)
    page.get_by_label("统一社会信用代码").fill("12220199MB0000003F")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("示范区人才交流中心")
    accessible(page)


def test_a_face_is_recognised_elsewhere_and_only_a_token_comes_back(
    page: Page, world: World, accessible: Accessible
) -> None:
    stage, runtime = world.stage, world.stage.runtime
    approved(stage)
    with runtime.transaction() as session:
        session.get_one(AgencySetting, ("jilin", "identity")).endpoint = world.platform
    jobs = Jobs(runtime, Exchange(world.settings.agency_secret, loopback=True), world.base)

    page.goto(f"{world.base}/sign-in/identity/jilin")
    scan(page, RETIREE["name"])
    page.get_by_role("link", name="本人实名认证").first.click()
    page.get_by_label("身份证号", exact=True).fill(RETIREE["id_no"])
    page.get_by_label(re.compile("我是退休人员本人")).check()
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/my/cases/**")
    with runtime.reading() as session:
        asked = select(ServiceCall.id).where(ServiceCall.operation == "identity/verify")
        call_id = session.scalars(asked).one()
    jobs.attempt_call(call_id)

    page.goto(f"{world.base}/my/")
    expect(page.locator(".app-qr svg")).to_be_visible()
    accessible(page)
    page.set_viewport_size(PHONE)
    accessible(page)
    page.get_by_role("link", name="在本机打开认证").click()
    accessible(page)
    page.get_by_role("button", name="模拟刷脸：通过").click()
    expect(page.get_by_role("heading", name="认证通过")).to_be_visible()

    def come_back() -> bool:
        with runtime.reading() as session:
            stored = session.scalars(select(Feedback.id).where(Feedback.state == "stored")).all()
        for one in stored:
            jobs.apply_feedback(one)
        return bool(stored)

    until(come_back)
    page.goto(f"{world.base}/my/")
    expect(page.locator(".app-qr")).to_have_count(0)
    with runtime.reading() as session:
        call = session.get_one(ServiceCall, call_id)
        assert (call.state, call.section) == ("succeeded", "fund.face")
