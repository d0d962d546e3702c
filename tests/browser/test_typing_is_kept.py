"""What is typed into a task stays: saved by itself, over a lost session, against other pages."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from engine.commands.claim_task import claim_task
from engine.commands.submit_form import submit_form
from engine.models import Draft, SignInSession, WorkItem
from engine.queries.task_page import task_page
from engine.settings import Settings
from tests.conftest import Database
from tests.engine.test_way_of_a_case import HOUSEHOLD, CallResult, answer, apply_for_everything
from tests.stage import AGREE, Stage
from webapp import create_app

PASSWORD = "long enough a password"
REASON = "档案中缺少一页，请补充后再报"


class Desk(NamedTuple):
    """An approval that 小李 took, and the pages it stands on."""

    base: str
    stage: Stage
    task: WorkItem

    @property
    def url(self) -> str:
        return f"{self.base}/tasks/{self.task.id}"


@pytest.fixture
def desk(
    page: Page, database: Database, settings: Settings, serve: Callable[[Flask], str]
) -> Iterator[Desk]:
    stage = Stage(database.engine)
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    task = stage.tasks()["approve"]
    claim_task(stage.runtime, task.id, stage.li)
    desk = Desk(serve(create_app(settings, stage.runtime)), stage, task)
    enter(page, desk.base)
    page.goto(desk.url)
    yield desk
    page.goto(f"{desk.base}/static/favicon.svg")  # what is saved on leaving still finds its server
    page.wait_for_load_state("networkidle")


def enter(page: Page, base: str, login: str = "xiaoli") -> None:
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_load_state()


def refuse(page: Page) -> None:
    """Fill the form in: not approved, for a reason."""
    page.get_by_role("radio", name="不同意").check()
    page.get_by_label("理由", exact=True).fill(REASON)


def end_session(desk: Desk) -> None:
    with desk.stage.runtime.transaction() as session:
        session.execute(update(SignInSession).values(revoked_at=func.now()))


def draft_of(desk: Desk) -> str | None:
    saved = task_page(desk.stage.runtime, desk.task.id, desk.stage.li)
    return saved.answers.get("reason") if saved.draft_saved_at else None


def test_what_is_typed_is_saved_by_itself_and_on_leaving(page: Page, desk: Desk) -> None:
    refuse(page)
    expect(page.get_by_text("已自动暂存 09:00")).to_be_visible(timeout=8000)
    assert draft_of(desk) == REASON
    page.get_by_label("理由", exact=True).fill("另有原因")
    page.goto(f"{desk.base}/tasks")  # nobody is asked: it is saved on the way
    expect(page.get_by_role("heading", name="我的待办")).to_be_visible()
    assert draft_of(desk) == "另有原因"


def test_a_session_that_ended_loses_nothing(
    page: Page,
    desk: Desk,
    accessible: Callable[[Page], None],
    expected_errors: list[str],
) -> None:
    expected_errors.append("400")  # a draft sent with the token of the session before
    refuse(page)
    end_session(desk)
    expect(page.get_by_text("未能暂存：登录已失效")).to_be_visible(timeout=8000)
    page.get_by_role("button", name="提交", exact=True).click()
    dialog = page.get_by_role("dialog", name="登录已失效")
    expect(dialog).to_contain_text("请在新窗口重新登录，再回到本页提交")
    accessible(page)

    with page.expect_popup() as opened:
        dialog.get_by_role("link", name="在新窗口登录").click()
    other = opened.value
    enter(other, desk.base, "xiaozhao")  # somebody else
    dialog.get_by_role("button", name="返回本页").click()
    page.get_by_role("button", name="提交", exact=True).click()
    dialog = page.get_by_role("dialog", name="登录账号已更换")
    expect(dialog).to_contain_text("小赵")
    assert desk.stage.tasks()["approve"].state == "open"

    other.get_by_role("button", name="退出").click()
    enter(other, desk.base)
    other.close()
    dialog.get_by_role("button", name="返回本页").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("“退休审批”已提交")).to_be_visible()
    with desk.stage.runtime.reading() as session:
        done = session.get_one(WorkItem, desk.task.id)
        assert (done.state, done.closed_by) == ("done", desk.stage.li.account_id)
        assert session.scalar(select(Draft).where(Draft.work_item_id == desk.task.id)) is None


def test_a_page_that_others_were_faster_than_says_so_and_keeps_what_was_typed(
    page: Page, desk: Desk, expected_errors: list[str]
) -> None:
    expected_errors.append("409")
    stage = desk.stage
    submit_form(stage.runtime, desk.task.id, desk.task.revision, AGREE, stage.li)
    refuse_quickly = page.get_by_role("radio", name="不同意")
    refuse_quickly.check()
    expect(page.get_by_text("未能暂存：该环节已办理完成")).to_be_visible(timeout=8000)
    expect(refuse_quickly).to_be_checked()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("本次没有提交成功")
    expect(page.get_by_role("heading", name="您刚才填写的内容")).to_be_visible()


def test_two_quick_presses_submit_once(page: Page, desk: Desk) -> None:
    refuse(page)
    page.evaluate(
        "() => { const b = document.querySelector('.btn-primary[value=submit]');"
        " b.click(); b.click(); }"
    )
    expect(page.get_by_text("“退休审批”已提交")).to_be_visible()
    expect(page.get_by_text("没有提交成功")).to_have_count(0)


def test_keys_save_submit_and_lead_from_one_mistake_to_the_next(
    page: Page, desk: Desk, expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    page.get_by_role("radio", name="同意", exact=True).check()
    page.get_by_label("批准的退休日期").fill("")
    page.get_by_label("视同缴费月数", exact=True).fill("许多")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("已暂存，可以稍后继续填写")).to_be_visible()
    page.get_by_label("视同缴费月数", exact=True).press("Control+Enter")
    expect(page.get_by_text("有 2 处需要修改")).to_be_visible()
    page.wait_for_load_state()
    for label in ("批准的退休日期", "视同缴费月数", "批准的退休日期"):
        page.keyboard.press("F8")
        expect(page.get_by_label(label, exact=True)).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="键盘快捷键")
    expect(listed.get_by_role("row", name="Ctrl Shift Enter 提交并办下一件")).to_be_visible()
