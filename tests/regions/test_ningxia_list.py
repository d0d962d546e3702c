"""The ministry's monthly list as a table: whole or in part, rejects by row, one file per person."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from engine.access import Actor
from engine.commands.take_upload import confirm_upload, take_upload
from engine.commands.work_upload import work_upload
from engine.file_record import open_file
from engine.models import PersonFile
from engine.packs.pack import read_pack
from engine.people import find_file
from engine.queries.uploads import UploadPage, upload_page
from tests.conftest import Database
from tests.stage import ROOT, Stage

NINGXIA = read_pack(ROOT, "ningxia")
HEAD = [
    *("姓名", "身份证号", "手机号码", "单位名称", "统一社会信用代码", "参保关系所在地"),
    *("名单月份", "部级名单所列待遇领取地", "参加的养老保险", "原法定退休年龄", "出生日期"),
    *("缴费状态", "缴费年限待确认", "异地参保关系未归集", "关键信息缺失"),
]
WORKS = ["宁夏示范机械有限公司", "91220199MA0X000020"]
MA = [
    *("马建军", "640199196606100019", "13900000011", *WORKS, "宁东基地社保中心"),
    *("2026-03", "宁东基地社保中心", "企业职工基本养老保险", "60 周岁（男）", "1966-06-10"),
    *("正常缴费", "是", "否", "否"),
]
WRONG = [MA[0], "640199196606100018", *MA[2:]]


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database.engine, NINGXIA)


@pytest.fixture
def clerk(stage: Stage) -> Iterator[Actor]:
    yield stage.account("jin", "金信息", "staff", roles=["bureau_data"])


def taken(stage: Stage, clerk: Actor, *rows: list[Any], full: bool = False) -> UploadPage:
    made = Workbook()
    for row in (HEAD, *rows):
        made.worksheets[0].append(row)
    content = io.BytesIO()
    made.save(content)
    upload = take_upload(
        stage.runtime,
        *("roster", "ningxia", "ministry_list", "名单.xlsx"),
        content.getvalue(),
        clerk,
        full=full,
    )
    confirm_upload(stage.runtime, upload, clerk)
    work_upload(stage.runtime, upload)
    return upload_page(stage.runtime, upload, clerk)


def test_a_list_opens_one_file_per_person_and_rejects_what_is_wrong(
    stage: Stage, clerk: Actor
) -> None:
    first = taken(stage, clerk, MA, WRONG)
    again = taken(stage, clerk, MA)

    assert dict(first.counts) == {"applied": 1, "wrong": 1}
    assert dict(again.counts) == {"duplicate": 1}
    with stage.runtime.reading() as session:
        assert session.scalar(select(func.count()).select_from(PersonFile)) == 1
        found = find_file(stage.runtime, session, "ningxia", MA[1])
        assert found is not None
        insured = open_file(stage.runtime, session, found[0])["insured"]
    assert found[0].office == "ningdong"
    assert (insured["claim_place"], insured["years_pending"]) == ("ningdong", True)


def test_a_full_list_says_who_is_missing_from_it(stage: Stage, clerk: Actor) -> None:
    other = ["哈志强", "640199196604080034", *MA[2:10], "1966-04-08", *MA[11:]]
    taken(stage, clerk, MA, other)

    whole = taken(stage, clerk, other, full=True)

    assert dict(whole.counts) == {"duplicate": 1, "missing": 1}
