"""An employer applies for 200 people with a table: twelve rows are mended and handed in again."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import func, select

from engine.commands.work_upload import work_upload
from engine.media import XLSX
from engine.models import Case, Upload
from engine.settings import Settings
from tests.conftest import Database
from tests.stage import Stage
from webapp import create_app
from webapp.demo import synthetic_id_no

PEOPLE, WRONG = 200, 12
BORN = date(1967, 3, 5)
#: What is wrong with the first rows, in turn: no name, a check digit, a telephone, a formula.
MISTAKES = [(1, ""), (2, "220199196703050010"), (3, "12345"), (3, "=1+1")]


def row_of(turn: int) -> list[str]:
    return [f"职工{turn:03d}", synthetic_id_no("220199", BORN, turn), f"139{turn:08d}"]


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database.engine)


def fetch(page: Page, link: Locator) -> tuple[io.BytesIO, Worksheet]:
    with page.expect_download() as started:
        link.click()
    content = io.BytesIO(Path(started.value.path()).read_bytes())
    book = load_workbook(content)
    return content, book.worksheets[0]


def hand_in(page: Page, sheet: Worksheet) -> None:
    filled = io.BytesIO()
    assert sheet.parent is not None
    sheet.parent.save(filled)
    payload = FilePayload(name="退休人员.xlsx", mimeType=XLSX.type, buffer=filled.getvalue())
    page.get_by_label("填好的表格").set_input_files(payload)
    page.get_by_role("button", name="上传核对").click()
    expect(page.get_by_role("heading", name="核对结果")).to_be_visible()


def submit(stage: Stage, page: Page, rows: int, accessible: Callable[[Page], None]) -> None:
    page.get_by_role("button", name=f"提交 {rows} 行申请").click()
    expect(page.get_by_role("progressbar", name="提交进度")).to_be_visible()
    accessible(page)
    with stage.runtime.reading() as session:
        upload = session.scalars(select(Upload.id).order_by(Upload.id.desc())).first()
    assert upload is not None
    work_upload(stage.runtime, upload)  # as the worker does, in a process of its own
    expect(page.get_by_role("heading", name="提交结果")).to_be_visible()  # the page looks again
    accessible(page)


def test_two_hundred_people_twelve_of_them_at_the_second_try(
    page: Page,
    stage: Stage,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
) -> None:
    base = serve(create_app(settings, stage.runtime))
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill("aming")
    page.locator("#password").fill("long enough a password")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="批量申请").first.click()
    expect(page.get_by_role("heading", name="批量申报退休预审")).to_be_visible()
    accessible(page)

    _, sheet = fetch(page, page.get_by_role("link", name="下载空白表格"))
    for turn in range(1, PEOPLE + 1):
        for column, value in enumerate(row_of(turn), 1):
            sheet.cell(turn + 1, column).value = value
    for turn in range(1, WRONG + 1):
        column, value = MISTAKES[turn % len(MISTAKES)]
        sheet.cell(turn + 1, column).value = value
    hand_in(page, sheet)
    listed = page.get_by_role("region", name="需要查看的行")
    expect(listed.locator("tbody tr")).to_have_count(WRONG)
    expect(listed).to_contain_text("身份证号")
    accessible(page)
    submit(stage, page, PEOPLE - WRONG, accessible)

    _, wrong = fetch(page, page.get_by_role("link", name=f"只下载需要改正的 {WRONG} 行"))
    assert wrong.max_row == WRONG + 1
    for turn in range(1, WRONG + 1):
        cells = wrong[turn + 1]
        assert sum(cell.comment is not None for cell in cells) == 1  # told at its cell
        for column, value in enumerate(row_of(turn), 1):
            wrong.cell(turn + 1, column).value = value
    page.get_by_role("link", name="批量申请").first.click()
    hand_in(page, wrong)
    expect(page.get_by_text("没有发现错误")).to_be_visible()
    submit(stage, page, WRONG, accessible)

    with stage.runtime.reading() as session:
        begun = select(func.count(func.distinct(Case.file_id)), func.count())
        assert tuple(session.execute(begun.select_from(Case)).one()) == (PEOPLE, PEOPLE)
    page.get_by_role("link", name="查看本单位的办件").click()
    expect(page.get_by_role("link", name="职工200")).to_be_visible()
    accessible(page)
    page.goto("about:blank")
