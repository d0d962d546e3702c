"""Rosters of people: looked through, applied row by row, harmless when repeated."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from engine.access import Actor
from engine.commands.take_upload import confirm_upload, take_upload
from engine.commands.work_upload import work_upload
from engine.errors import Invalid, NotFound
from engine.models import Case, FileSection, Person, PersonFile, Unit
from engine.packs.pack import Pack
from engine.people import find_file
from engine.queries.audit import audit
from engine.queries.rosters import roster_page, rosters
from engine.queries.uploads import UploadPage, marked_table, upload_page
from tests.conftest import Database
from tests.stage import JILIN, PREREVIEW, RETIREE, Stage
from webapp.demo import synthetic_id_no

PATH = "processes/jilin/region.toml"
MORE = """
[rosters.retirees]
title = "拟退休人员名册"
form = "contribution_check"
section = "contribution_check"
roles = ["hrss_reviewer", "unit"]
opens_file = true
starts = "record_prereview"
"""
PACK = Pack("jilin", {**JILIN.files, PATH: JILIN.files[PATH] + MORE.encode()})
HEAD = ["姓名", "身份证号", "核查结论", "缴费状态", "累计实际缴费月数", "核查日期"]
MET = ["符合", "正常", 380, "2027-03-10"]
WHO = [RETIREE["name"], RETIREE["id_no"]]


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    stage = Stage(database.engine, PACK)
    yield stage
    assert audit(stage.runtime) == []


def book(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    made = Workbook()
    for row in (head, *rows):
        made.worksheets[0].append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def take(
    stage: Stage,
    content: bytes,
    code: str = "contribution_check",
    actor: Actor | None = None,
    *,
    full: bool = False,
) -> UUID:
    who = actor or stage.li
    return take_upload(stage.runtime, "roster", "jilin", code, "名册.xlsx", content, who, full=full)


def page(stage: Stage, upload: UUID, actor: Actor | None = None) -> UploadPage:
    return upload_page(stage.runtime, upload, actor or stage.li)


def apply(stage: Stage, upload: UUID, actor: Actor | None = None) -> dict[str, int]:
    confirm_upload(stage.runtime, upload, actor or stage.li)
    work_upload(stage.runtime, upload)
    return dict(page(stage, upload, actor).counts)


def register(stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    stage.submit("enter_prereview", stage.li, PREREVIEW)


def count(stage: Stage, table: Any) -> int:
    with stage.runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_row_is_written_to_the_persons_file_once(stage: Stage) -> None:
    register(stage)
    before = count(stage, FileSection)
    assert apply(stage, take(stage, book([*WHO, *MET]))) == {"applied": 1}
    assert count(stage, FileSection) == before + 1
    assert apply(stage, take(stage, book([*WHO, *MET]))) == {"duplicate": 1}
    assert count(stage, FileSection) == before + 1
    assert apply(stage, take(stage, book([*WHO, "符合", "正常", 381, "2027-03-10"]))) == {
        "applied": 1
    }


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (["李四", RETIREE["id_no"], *MET], {"姓名": "姓名与登记的不一致"}),
        ([WHO[0], "220199196611200032", *MET], {"身份证号": "本地区没有登记此人"}),
        ([WHO[0], "220199196611200017", *MET], "身份证号"),
        ([*WHO, "待定", "正常", 380, "2027-03-10"], {"核查结论": "请从所列选项中选择核查结论"}),
        ([*WHO, "符合", "正常", "许多", "2027-03-10"], "累计实际缴费月数"),
        ([*WHO, "待整改", "正常", 380, "2027-03-10"], "待整改事项"),
        ([*WHO, "符合", "正常", 380, None], {"核查日期": "请填写核查日期"}),
        ([*WHO, "=1+1", "正常", 380, "2027-03-10"], "核查结论"),
    ],
)
def test_a_wrong_row_is_told_at_its_cell(stage: Stage, row: list[Any], note: Any) -> None:
    register(stage)
    (finding,) = page(stage, take(stage, book(row))).findings
    assert finding.state == "wrong"
    assert dict(finding.note) == note if isinstance(note, dict) else note in finding.note


def test_a_person_twice_in_a_table_counts_once(stage: Stage) -> None:
    register(stage)
    counts = apply(stage, take(stage, book([*WHO, *MET], [*WHO, *MET])))
    assert counts == {"applied": 1, "wrong": 1}


def test_missing_columns_are_named(stage: Stage) -> None:
    with pytest.raises(Invalid, match="缺少列：身份证号"):
        take(stage, book(["张建国"], head=["姓名"]))


def test_whoever_is_missing_from_a_full_table_is_listed_and_kept(stage: Stage) -> None:
    register(stage)
    apply(stage, take(stage, book([*WHO, *MET])))
    other = ["王德福", "220199196611200032", *MET]
    head = [*HEAD, "手机号码"]
    opened = take(stage, book([*other, "13900000007"], head=head), "retirees")
    assert apply(stage, opened) == {"applied": 1}
    files = count(stage, PersonFile)
    upload = take(stage, book(other), full=True)
    assert dict(page(stage, upload).counts) == {"ready": 1, "missing": 1}
    assert apply(stage, upload) == {"duplicate": 1, "missing": 1}
    assert count(stage, PersonFile) == files
    _, content = marked_table(stage.runtime, upload, stage.li)
    assert list(load_workbook(io.BytesIO(content))["本次没有的人员"].values)[1] == ("张建国",)


def test_a_roster_registers_people_with_their_employers_and_begins_their_cases(
    stage: Stage,
) -> None:
    head = [*HEAD, "手机号码", "单位名称", "统一社会信用代码"]
    rows = [
        ["王德福", "220199196611200032", *MET, "13900000007", "示范市新办厂", "91220199MA0X000020"],
        ["李长顺", "220199196611200059", *MET, "13900000008", None, None],
    ]
    assert apply(stage, take(stage, book(*rows, head=head), "retirees")) == {"applied": 2}
    with stage.runtime.reading() as session:
        file, _ = find_file(stage.runtime, session, "jilin", "220199196611200032") or (None, None)
        assert file is not None and file.employment == "employee"
        assert session.get_one(Unit, file.unit_id).name == "示范市新办厂"
    assert count(stage, Case) == 2
    assert apply(stage, take(stage, book(*rows, head=head), "retirees")) == {"duplicate": 2}
    assert count(stage, Case) == 2


def test_an_employer_takes_in_its_own_people_only(stage: Stage) -> None:
    head = [*HEAD, "单位名称", "统一社会信用代码"]
    own = ["王德福", "220199196611200032", *MET, "吉林省示范机械有限公司", RETIREE["uscc"]]
    foreign = ["李长顺", "220199196611200059", *MET, "长春样例食品有限公司", "91640199MA76000049"]
    upload = take(stage, book(own, foreign, head=head), "retirees", stage.ming)
    assert dict(page(stage, upload, stage.ming).counts) == {"ready": 1, "wrong": 1}
    assert apply(stage, upload, stage.ming) == {"applied": 1, "wrong": 1}
    register(stage)
    mine = take(stage, book([*WHO, *MET]), "retirees", stage.rival)
    assert dict(page(stage, mine, stage.rival).counts) == {"wrong": 1}


def test_only_those_named_by_the_region_take_it_in(stage: Stage) -> None:
    assert [code for _, code, _ in rosters(stage.runtime, stage.ming)] == [
        "prereview",
        "retirees",
    ]
    for actor in (stage.ming, stage.wang, replace(stage.li, grants=frozenset())):
        with pytest.raises(NotFound):
            take(stage, book([*WHO, *MET]), actor=actor)


def test_the_template_can_be_filled_in_and_read_back(stage: Stage) -> None:
    register(stage)
    template = roster_page(stage.runtime, "jilin", "contribution_check", stage.li).roster.template()
    filled = load_workbook(io.BytesIO(template))
    sheet = filled.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for heading, value in zip(HEAD, [*WHO, *MET], strict=True):
        sheet.cell(2, headings.index(heading) + 1).value = value
    content = io.BytesIO()
    filled.save(content)
    assert apply(stage, take(stage, content.getvalue())) == {"applied": 1}


def test_one_row_that_fails_leaves_the_others_alone(stage: Stage) -> None:
    """The person was renamed between looking and applying."""
    register(stage)
    other = ["王德福", "220199196611200032", *MET]
    apply(stage, take(stage, book(other), "retirees"))
    upload = take(
        stage, book([*WHO, *MET], ["王德福", other[1], "符合", "正常", 400, "2027-03-10"])
    )
    with stage.runtime.transaction() as session:
        session.scalars(select(Person).where(Person.name == "王德福")).one().name = "王得福"
    assert apply(stage, upload) == {"applied": 1, "wrong": 1}


def test_many_people_are_taken_in_at_once(stage: Stage) -> None:
    numbers = [synthetic_id_no("220199", date(1966, 11, 20), turn) for turn in range(1, 61)]
    rows = [[f"测试{n:03d}人", number, *MET] for n, number in enumerate(numbers)]
    assert apply(stage, take(stage, book(*rows), "retirees")) == {"applied": 60}
    assert count(stage, PersonFile) == 60
