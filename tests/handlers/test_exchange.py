"""Numbered rosters: out as a workbook, back with answers, each row for itself."""

import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from engine.clock import at
from engine.commands.deliver_message import deliver_message
from engine.commands.erase_table import erase_table
from engine.commands.export_roster import export_roster, list_on_paper, record_receipt
from engine.commands.sweep import sweep
from engine.commands.take_upload import confirm_upload, discard_upload, take_upload
from engine.errors import Conflict, Invalid, NotFound
from engine.models import (
    AgencySetting,
    Case,
    DataKey,
    Exchange,
    Feedback,
    ServiceCall,
    Upload,
    UploadRow,
)
from engine.operations import operations
from engine.purposes import PURPOSES
from engine.queries.audit import audit
from engine.queries.due_tables import TITLES, due_tables
from engine.queries.exchanges import office_page, paper_list, roster_file
from engine.queries.reconciliation import reconcile
from engine.queries.uploads import marked_table, upload_page
from engine.retention import ERASED
from engine.sealing import Unsealable
from handlers.jobs import Exchange as Ways
from handlers.jobs import Jobs
from handlers.scenario.roster_trip import fill_in
from tests.conftest import Database
from tests.handlers.conftest import SECRET
from tests.handlers.stories import apply_for_everything
from tests.handlers.test_jobs import Works
from tests.stage import Stage

CHECK = operations.get("police/household_check")
MATCHES = {"match": True, "life_status": "alive", "checked_at": "2027-04-20"}
GOOD = {"outcome": "SUCCESS", "handled_by": "王警官", "business": MATCHES}
AGENCY = ("jilin", "police")


@pytest.fixture
def works(database: Database) -> Iterator[Works]:
    """Three household checks that wait for the police's next roster."""
    stage = Stage(database.engine)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="file"))
    sandbox: Any = None
    works = Works(stage, sandbox, Jobs(stage.runtime, Ways(SECRET), ""))
    for turn in range(3):
        apply_for_everything(stage, turn)
    works.pump()
    yield works
    assert audit(stage.runtime) == []
    assert reconcile(stage.runtime, lambda: []) == []


def export(works: Works) -> UUID:
    return export_roster(works.stage.runtime, *AGENCY, works.stage.li)


def content(works: Works, roster: UUID) -> bytes:
    return roster_file(works.stage.runtime, roster, works.stage.li)[1]


def take(works: Works, roster: UUID, filled: bytes, name: str = "结果.xlsx") -> UUID:
    return take_upload(
        works.stage.runtime, "result", "jilin", str(roster), name, filled, works.stage.li
    )


def apply(works: Works, upload: UUID) -> dict[str, int]:
    confirm_upload(works.stage.runtime, upload, works.stage.li)
    works.pump()
    return dict(upload_page(works.stage.runtime, upload, works.stage.li).counts)


def changed(filled: bytes, change: Callable[[Any], object]) -> bytes:
    book = load_workbook(io.BytesIO(filled))
    change(book[book.sheetnames[0]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(page: Any, heading: str) -> int:
    return [cell.value for cell in page[1]].index(heading) + 1


def states(works: Works) -> list[str]:
    return sorted(call.state for call in works.rows(ServiceCall))


def test_calls_wait_for_export_and_are_accepted_with_it(works: Works) -> None:
    assert states(works) == ["queued"] * 3
    sweep(works.stage.runtime)
    works.stage.clock.advance(timedelta(minutes=2))
    sweep(works.stage.runtime)
    assert [job for job in works.stage.queue.jobs if job[0] == "attempt_call"] == []
    roster = export(works)
    assert states(works) == ["accepted"] * 3
    (kept,) = works.rows(Exchange)
    assert (kept.id, kept.no, kept.calls, kept.cancellations) == (roster, 1, 3, 0)
    assert content(works, roster) == content(works, roster)
    with pytest.raises(Conflict, match="没有等待导出"):
        export(works)


def test_a_filled_roster_takes_every_case_on(works: Works) -> None:
    roster = export(works)
    upload = take(works, roster, fill_in(content(works, roster), [CHECK], GOOD))
    assert states(works) == ["accepted"] * 3  # looked through, nothing applied
    assert apply(works, upload) == {"applied": 3}
    assert states(works) == ["succeeded"] * 3
    assert {(row.channel, row.state) for row in works.rows(Feedback)} == {("file", "applied")}


def test_the_same_file_again_changes_nothing(works: Works) -> None:
    roster = export(works)
    filled = fill_in(content(works, roster), [CHECK], GOOD)
    apply(works, take(works, roster, filled))
    assert apply(works, take(works, roster, filled)) == {"duplicate": 3}


def test_rows_left_empty_are_for_another_day(works: Works) -> None:
    roster = export(works)
    filled = changed(
        fill_in(content(works, roster), [CHECK], GOOD),
        lambda page: [cell.__setattr__("value", None) for cell in page[3][6:]],
    )
    assert apply(works, take(works, roster, filled)) == {"applied": 2, "empty": 1}


def test_each_mistake_is_told_at_its_cell_and_the_good_rows_are_applied(works: Works) -> None:
    roster = export(works)

    def spoil(page: Any) -> None:
        page.cell(2, column(page, "生存状态")).value = "睡着了"
        page.cell(3, column(page, "请求编号")).value = "00000000-0000-7000-8000-000000000000"

    upload = take(works, roster, changed(fill_in(content(works, roster), [CHECK], GOOD), spoil))
    page = upload_page(works.stage.runtime, upload, works.stage.li)
    assert [dict(one.note) for one in page.findings] == [
        {"生存状态": "请从所列选项中选择生存状态"},
        {"请求编号": "不是本名册中的请求，请勿改动编号"},
    ]
    assert apply(works, upload) == {"applied": 1, "wrong": 2}
    name, back = marked_table(works.stage.runtime, upload, works.stage.li)
    sheet = load_workbook(io.BytesIO(back))["户籍信息核验"]
    told = [sheet.cell(row, column(sheet, "登记结果")).value for row in (2, 3, 4)]
    assert name == "结果（登记结果）.xlsx"
    assert told[0].startswith("有误：生存状态") and told[2] == "已登记"
    assert sheet.cell(2, column(sheet, "生存状态")).comment.text == "请从所列选项中选择生存状态"


def test_a_row_doubled_in_the_file_counts_once(works: Works) -> None:
    roster = export(works)

    def double(page: Any) -> None:
        page.append([cell.value for cell in page[2]])

    filled = changed(fill_in(content(works, roster), [CHECK], GOOD), double)
    assert apply(works, take(works, roster, filled)) == {"applied": 3, "wrong": 1}


def test_a_file_of_another_roster_is_not_taken(works: Works) -> None:
    first = export(works)
    apply_for_everything(works.stage, 3)
    works.pump()
    second = export(works)
    upload = take(works, second, fill_in(content(works, first), [CHECK], GOOD))
    assert dict(upload_page(works.stage.runtime, upload, works.stage.li).counts) == {"wrong": 3}
    with pytest.raises(Conflict, match="没有可以登记的行"):
        confirm_upload(works.stage.runtime, upload, works.stage.li)
    with pytest.raises(NotFound):
        take(works, UUID(int=0), content(works, first))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda page: page.delete_cols(1), "不属于这份名册|缺少列"),
        (lambda page: setattr(page.cell(1, 7), "value", "别的"), "缺少列"),
        (lambda page: page.delete_rows(2, 9), "没有内容"),
    ],
)
def test_a_file_of_no_use_is_refused_as_a_whole(
    works: Works, spoil: Callable[[Any], object], said: str
) -> None:
    roster = export(works)
    filled = changed(fill_in(content(works, roster), [CHECK], GOOD), spoil)
    with pytest.raises(Invalid, match=said):
        take(works, roster, filled)
    assert works.rows(Upload) == []


def test_a_csv_file_is_taken_too(works: Works) -> None:
    roster = export(works)
    page = load_workbook(io.BytesIO(fill_in(content(works, roster), [CHECK], GOOD))).worksheets[0]
    lines = [",".join(str(cell or "") for cell in row) for row in page.values]
    upload = take(works, roster, "\r\n".join(lines).encode("gb18030"), "结果.csv")
    assert apply(works, upload) == {"applied": 3}


def withdraw_one(works: Works) -> Case:
    case: Case = next(one for one in works.rows(Case) if one.process == "joint_case")
    for key in (str(case.id), str(case.file_id)):
        deliver_message(works.stage.runtime, "withdraw", key, f"withdraw-{key}")
    return case


def test_a_request_withdrawn_before_export_is_never_sent(works: Works) -> None:
    withdraw_one(works)
    export(works)
    (kept,) = works.rows(Exchange)
    assert (kept.calls, kept.cancellations) == (2, 0)


def test_a_withdrawn_request_is_a_line_in_the_next_roster_and_its_answer_is_late(
    works: Works,
) -> None:
    first = export(works)
    withdraw_one(works)
    second = export(works)
    page = load_workbook(io.BytesIO(content(works, second))).worksheets[0]
    assert [page.cell(2, column(page, "类别")).value, page.max_row] == ["撤销", 2]
    with pytest.raises(Conflict):
        export(works)
    filled = fill_in(content(works, first), [CHECK], GOOD)
    assert apply(works, take(works, first, filled)) == {"applied": 2, "late": 1}


def test_a_job_that_died_is_brought_back_and_goes_on(works: Works) -> None:
    roster = export(works)
    upload = take(works, roster, fill_in(content(works, roster), [CHECK], GOOD))
    confirm_upload(works.stage.runtime, upload, works.stage.li)
    works.stage.queue.jobs.clear()
    works.stage.clock.advance(timedelta(minutes=2))
    sweep(works.stage.runtime)
    works.pump()
    assert {row.state for row in works.rows(UploadRow)} == {"applied"}
    assert works.rows(Upload)[0].finished_at is not None


def test_what_was_not_confirmed_can_be_forgotten(works: Works) -> None:
    roster = export(works)
    upload = take(works, roster, fill_in(content(works, roster), [CHECK], GOOD))
    discard_upload(works.stage.runtime, upload, works.stage.li)
    with pytest.raises((NotFound, Unsealable)):
        upload_page(works.stage.runtime, upload, works.stage.li)
    with pytest.raises(NotFound):
        confirm_upload(works.stage.runtime, upload, works.stage.mate)


#: Ten years, the shortest of Jilin's, from the January after 2027.
KEPT, GONE = at(date(2037, 12, 31), 23), at(date(2038, 1, 1), 0)


def erase_all(works: Works) -> list[str]:
    runtime = works.stage.runtime
    return [one.title for one in due_tables(runtime) if erase_table(runtime, one.key_id)]


def test_a_list_goes_with_its_time_and_so_does_what_came_back(works: Works) -> None:
    roster = export(works)
    upload = take(works, roster, fill_in(content(works, roster), [CHECK], GOOD), "张建国.xlsx")
    works.stage.clock.set(GONE)
    assert erase_all(works) == ["结果文件"]  # never confirmed; the list still waits for answers
    with pytest.raises(NotFound):
        upload_page(works.stage.runtime, upload, works.stage.li)
    assert [row.name for row in works.rows(Upload)] == [ERASED]
    assert content(works, roster)


def test_nothing_of_a_table_is_erased_before_its_day(works: Works) -> None:
    roster = export(works)
    apply(works, take(works, roster, fill_in(content(works, roster), [CHECK], GOOD)))
    keys = {row.data_key_id for row in [*works.rows(Exchange), *works.rows(Upload)]}
    works.stage.clock.set(KEPT)
    assert erase_all(works) == []
    assert not any(erase_table(works.stage.runtime, key) for key in keys if key)
    works.stage.clock.set(GONE)
    assert sorted(erase_all(works)) == ["交换名册", "结果文件"]
    assert erase_all(works) == []
    with works.stage.runtime.reading() as session:
        left = session.scalars(select(DataKey.wrapped).where(DataKey.id.in_(keys)))
        assert list(left) == [None, None]
    with pytest.raises(Unsealable):
        content(works, roster)


def test_every_kind_of_table_has_a_name_by_which_it_is_listed() -> None:
    assert set(TITLES) == {"exchange", *PURPOSES}


def test_the_key_of_a_person_is_no_tables(works: Works) -> None:
    works.stage.clock.set(GONE)
    people = [row.data_key_id for row in works.rows(Case)]
    assert people and not any(erase_table(works.stage.runtime, key) for key in people)


def test_nobody_else_exchanges(works: Works) -> None:
    clerk = works.stage.account("gjj", "高翔", "staff", roles=("fund_clerk",))
    for actor in (clerk, works.stage.ming, works.stage.wang):
        with pytest.raises(NotFound):
            export_roster(works.stage.runtime, *AGENCY, actor)
    roster = export(works)
    with pytest.raises(NotFound):
        roster_file(works.stage.runtime, roster, clerk)


def test_a_paper_list_names_each_request_once_and_is_signed_for(database: Database) -> None:
    stage = Stage(database.engine)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="manual"))
    works = Works(stage, None, Jobs(stage.runtime, Ways(SECRET), ""))  # type: ignore[arg-type]
    for turn in range(2):
        apply_for_everything(stage, turn)
    works.pump()
    one = list_on_paper(stage.runtime, *AGENCY, stage.li)
    page = paper_list(stage.runtime, one, stage.li)
    assert len(page.lines) == 2
    assert all(line.asked["id_no"].startswith("220199") for line in page.lines)
    with pytest.raises(Conflict):
        list_on_paper(stage.runtime, *AGENCY, stage.li)
    with pytest.raises(Invalid) as refused:
        record_receipt(stage.runtime, one, "", "2027-04-21", stage.li)
    assert set(refused.value.errors) == {"received_by", "received_on"}
    record_receipt(stage.runtime, one, "王警官", "2027-04-20", stage.li)
    (kept,) = office_page(stage.runtime, *AGENCY, stage.li).lists
    assert (kept.received_by, str(kept.received_on)) == ("王警官", "2027-04-20")
