"""A roster on its way to an agency and back, as a real workbook."""

import io
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from engine.commands.export_roster import export_roster
from engine.commands.take_upload import confirm_upload, take_upload
from engine.errors import Conflict
from engine.exchange import CALL, reply_columns
from engine.operations import Operation
from engine.packs.region import RegionConfig
from engine.queries.exchanges import office_page, roster_file
from engine.queries.uploads import upload_page
from engine.runtime import Runtime
from engine.sheets import cell_of
from engine.sheets.writing import sheet_name
from handlers.scenario.cast import Cast
from handlers.scenario.story import RosterTrip
from handlers.scenario.verdict import Stop


def send_roster(runtime: Runtime, config: RegionConfig, trip: RosterTrip, cast: Cast) -> None:
    """Export a roster, let the agency fill it in, and have what it says applied by a job.

    When nothing new waits, the agency says more about the last one.
    """
    clerk = cast.worker(config.desk_of(trip.agency) or "admin")
    try:
        one = export_roster(runtime, config.code, trip.agency, clerk)
    except Conflict:
        lists = office_page(runtime, config.code, trip.agency, clerk).lists
        if not lists:
            raise
        one = lists[0].id
    roster, content = roster_file(runtime, one, clerk)
    operations = [each for each in runtime.operations if each.agency == trip.agency]
    filled = fill_in(content, operations, trip.reply)
    name = f"第{roster.no}号.xlsx"
    upload = take_upload(runtime, "result", config.code, str(one), name, filled, clerk)
    page = upload_page(runtime, upload, clerk)
    if wrong := [finding.words for finding in page.findings if finding.state == "wrong"]:
        raise Stop(f"名册中有误：{wrong}")
    confirm_upload(runtime, upload, clerk)


def fill_in(content: bytes, operations: list[Operation], answers: dict[str, Any]) -> bytes:
    """What an agency's clerk does: write the same answers into every row of a roster.

    Args:
        answers: of the form of a desk; fields an operation does not ask for are left out.
    """
    book = load_workbook(io.BytesIO(content))
    for operation in operations:
        title = sheet_name(operation.title)
        if title in book.sheetnames and isinstance(page := book[title], Worksheet):
            _fill(page, operation, answers)
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def _fill(page: Worksheet, operation: Operation, answers: dict[str, Any]) -> None:
    headings = [str(cell.value) for cell in page[1]]
    for column in reply_columns(operation):
        value: Any = answers
        for step in column.path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        place = headings.index(column.title) + 1
        for row in range(2, page.max_row + 1):
            if page.cell(row, headings.index(CALL) + 1).value and value is not None:
                page.cell(row, place).value = cell_of(column, value)
