"""An employer applies for many with a table: a case per good row, once, whatever interrupts it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from engine.access import Actor
from engine.commands import work_upload as working
from engine.commands.take_upload import confirm_upload, take_upload
from engine.commands.work_upload import work_upload
from engine.errors import NotFound
from engine.models import Case
from engine.queries.audit import audit
from engine.queries.rosters import roster_page, rosters
from engine.queries.uploads import UploadPage, marked_table, upload_page
from tests.conftest import Database
from tests.engine.test_rosters import book
from tests.stage import RETIREE, Stage
from webapp.demo import synthetic_id_no

HEAD = ["姓名", "身份证号", "手机号码"]


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    stage = Stage(database.engine)
    yield stage
    assert audit(stage.runtime) == []


def person(turn: int) -> list[Any]:
    number = synthetic_id_no("220199", date(1967, 3, 5), turn)
    return [f"职工{'甲乙丙丁戊己庚辛壬癸'[turn % 10]}", number, f"139{turn:08d}"]


def take(stage: Stage, content: bytes, actor: Actor | None = None) -> UUID:
    who = actor or stage.ming
    return take_upload(stage.runtime, "apply", "jilin", "prereview", "名册.xlsx", content, who)


def page(stage: Stage, upload: UUID, actor: Actor | None = None) -> UploadPage:
    return upload_page(stage.runtime, upload, actor or stage.ming)


def apply(stage: Stage, upload: UUID) -> dict[str, int]:
    confirm_upload(stage.runtime, upload, stage.ming)
    work_upload(stage.runtime, upload)
    return dict(page(stage, upload).counts)


def cases(stage: Stage) -> list[Case]:
    with stage.runtime.reading() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def test_every_good_row_becomes_a_case_of_the_employer(stage: Stage) -> None:
    upload = take(stage, book(person(1), person(2), head=HEAD))
    assert apply(stage, upload) == {"applied": 2}
    begun = cases(stage)
    assert [(one.process, one.channel, one.unit_id) for one in begun] == [
        ("prereview", "名册", stage.unit_id)
    ] * 2
    _, content = marked_table(stage.runtime, upload, stage.ming)
    lines = list(load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert lines[1][-1] == f"已登记：办件 {begun[0].no}"


def test_a_table_handed_in_again_applies_for_nobody_twice(stage: Stage) -> None:
    content = book(person(1), person(2), head=HEAD)
    apply(stage, take(stage, content))
    again = take(stage, book(person(1), person(2), person(3), head=HEAD))
    assert dict(page(stage, again).counts) == {"duplicate": 2, "ready": 1}
    assert page(stage, again).findings == []  # nobody has to look at them
    assert apply(stage, again) == {"duplicate": 2, "applied": 1}
    assert len(cases(stage)) == 3


@pytest.mark.parametrize(
    ("row", "heading"),
    [
        (["", *person(1)[1:]], "姓名"),
        ([person(1)[0], "220199196611200017", "13900000001"], "身份证号"),
        ([*person(1)[:2], "123"], "手机号码"),
        ([*person(1)[:2], "=HYPERLINK(1)"], "手机号码"),
    ],
)
def test_a_wrong_cell_is_marked_in_the_table_handed_back(
    stage: Stage, row: list[Any], heading: str
) -> None:
    upload = take(stage, book(person(2), row, head=HEAD))
    (finding,) = page(stage, upload).findings
    assert finding.state == "wrong" and heading in finding.note
    for only_wrong, line in ((False, 3), (True, 2)):
        _, content = marked_table(stage.runtime, upload, stage.ming, only_wrong=only_wrong)
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert sheet.max_row == line
        cell = sheet.cell(line, HEAD.index(heading) + 1)
        assert cell.comment is not None and cell.comment.text == finding.note[heading]
        assert cell.data_type != "f"


def test_nobody_applies_for_the_people_of_another_employer(stage: Stage) -> None:
    apply(stage, take(stage, book(person(1), head=HEAD)))
    foreign = take(stage, book(person(1), head=HEAD), stage.rival)
    (finding,) = page(stage, foreign, stage.rival).findings
    assert finding.note == {"身份证号": "不是本单位的人员"}
    own = [*person(2), RETIREE["uscc"]]
    given = take(stage, book(own, head=[*HEAD, "参保单位统一社会信用代码"]), stage.rival)
    confirm_upload(stage.runtime, given, stage.rival)
    work_upload(stage.runtime, given)
    assert dict(page(stage, given, stage.rival).counts) == {"wrong": 1}
    assert len(cases(stage)) == 1


def test_a_worker_killed_in_between_is_followed_by_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = take(stage, book(*(person(turn) for turn in range(1, 7)), head=HEAD))
    confirm_upload(stage.runtime, upload, stage.ming)
    left, real = iter([True, True, False]), working._apply

    def dying(*arguments: Any) -> Any:
        if not next(left):
            raise KeyboardInterrupt  # as a killed process: nothing of the row is kept
        return real(*arguments)

    monkeypatch.setattr(working, "_apply", dying)
    with pytest.raises(KeyboardInterrupt):
        work_upload(stage.runtime, upload)
    monkeypatch.undo()
    assert (page(stage, upload).left, len(cases(stage))) == (4, 2)
    work_upload(stage.runtime, upload)
    assert dict(page(stage, upload).counts) == {"applied": 6}
    assert len(cases(stage)) == 6


def test_an_operator_kept_out_of_the_process_has_no_such_roster(stage: Stage) -> None:
    barred = replace(stage.ming, barred=frozenset({"jilin/prereview"}))
    assert [code for _, code, _ in rosters(stage.runtime, barred)] == []
    with pytest.raises(NotFound):
        take(stage, book(person(1), head=HEAD), barred)
    for actor in (stage.li, stage.wang):
        with pytest.raises(NotFound):
            take(stage, book(person(1), head=HEAD), actor)


def test_the_template_asks_only_for_what_the_employer_must_say(stage: Stage) -> None:
    roster = roster_page(stage.runtime, "jilin", "prereview", stage.ming).roster
    assert [column.title for column in roster.columns] == HEAD
    sheet = load_workbook(io.BytesIO(roster.template())).worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEAD
