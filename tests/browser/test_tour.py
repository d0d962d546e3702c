"""The five-minute tour of the README, step by step, in a browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.installation import Installation, installed, until

RETIREE = "张建国"


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    with installed() as started:
        started.start()
        yield started


def enter(page: Page, base: str, login: str) -> None:
    """Choose an account of the demonstration on the sign-in page."""
    page.goto(base)
    row = page.get_by_role("row").filter(has=page.get_by_text(login, exact=True))
    row.get_by_role("button", name="进入").click()


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text(re.compile("”已提交|已收到，办件编号")).first).to_be_visible()


def leave(page: Page) -> None:
    page.get_by_role("button", name="退出").click()


def test_the_tour_takes_a_case_from_application_to_its_end(
    page: Page, running: Installation, accessible: Callable[[Page], None]
) -> None:
    base = f"http://127.0.0.1:{running.port}"

    # 1. the employer applies
    enter(page, base, "dw01")
    page.get_by_role("link", name="为职工申请退休“一件事”联办").click()
    page.get_by_role("link", name="已阅读，开始申请").click()
    page.get_by_role("link", name=re.compile(f"选择 ?{RETIREE}")).click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("我已阅读经办指南").check()
    page.get_by_label("养老保险待遇申领").check()
    page.get_by_label("医保在职转退休").check()
    page.get_by_label("封存并提取").check()
    page.get_by_label("公积金办理机构").select_option(index=1)
    submit(page)
    page.get_by_label("户名").fill(RETIREE)
    page.get_by_label("开户银行").fill("中国工商银行")
    page.get_by_label("银行账号").fill("6222020000000000018")
    submit(page)
    page.get_by_label("联系人", exact=True).fill("马晓东")
    page.get_by_label("联系人手机").fill("13900000088")
    page.get_by_label(re.compile("以上内容真实")).check()
    submit(page)
    leave(page)

    # 2. the human-resources office approves
    enter(page, base, "rs01")
    expect(page.get_by_role("heading", name="我的待办")).to_be_visible()
    pool = page.get_by_role("link", name="待领取").first
    waiting = page.get_by_role("row").filter(has_text=RETIREE)
    until(lambda: pool.click() is None and waiting.count() == 1)
    waiting.get_by_role("button", name="领取").click()
    page.get_by_role("radio", name="同意", exact=True).check()
    expect(page.get_by_label("批准的退休日期")).not_to_have_value("")
    submit(page)
    leave(page)

    # 3. the retiree confirms who he is
    page.goto(base)
    number = page.get_by_role("row").filter(has_text=RETIREE).get_by_text("身份证号").inner_text()
    enter(page, base, "gr01")
    page.get_by_role("link", name="本人实名认证").first.click()
    page.get_by_label("身份证号", exact=True).fill(number.removeprefix("身份证号").strip())
    page.get_by_label(re.compile("我是退休人员本人")).check()
    submit(page)
    face = page.get_by_role("link", name="在本机打开认证")
    until(lambda: page.goto(base) and face.count() == 1)
    face.click()
    page.get_by_role("button", name="模拟刷脸：通过").click()

    # 4. the agencies work by themselves; the retiree watches
    joint = page.locator(".card").filter(has_text="退休“一件事”联办")

    def finished() -> bool:
        page.goto(base)
        return joint.get_by_text("已办结").count() == 1

    until(finished, 90)
    accessible(page)
    leave(page)

    # 5. the employer sees the end: every item done, the way drawn on the diagram
    enter(page, base, "dw01")
    row = page.get_by_role("row").filter(has_text=RETIREE).filter(has_text="退休“一件事”联办")
    expect(row).to_contain_text("已办结")
    row.get_by_role("link", name=RETIREE).click()
    expect(page.locator("main").get_by_text("已办好", exact=True)).to_have_count(3)
    expect(page.get_by_text("退休“一件事”联办已办结").first).to_be_visible()
    accessible(page)
    leave(page)

    # 6. the office sees the way it took, drawn on the diagram
    enter(page, base, "rs01")
    page.get_by_placeholder("办件编号 / 姓名 / 身份证号").fill(RETIREE)
    page.get_by_placeholder("办件编号 / 姓名 / 身份证号").press("Enter")
    page.get_by_role("row").filter(has_text="退休“一件事”联办").get_by_role("link").first.click()
    page.get_by_role("link", name="流程图").click()
    expect(page.locator("[data-element-id=handle_items]").first).to_be_visible()
    accessible(page)
