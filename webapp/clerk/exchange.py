"""交换名册: requests handed to agencies in files or on paper, and their answers taken in."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.export_roster import export_roster, list_on_paper, record_receipt
from engine.commands.take_out import take_out
from engine.commands.take_upload import take_upload
from engine.errors import Conflict, Invalid
from engine.exchange import KINDS, Line, request_columns
from engine.exports import find_wanted
from engine.media import XLSX
from engine.queries.exchanges import office_page, offices, paper_list, roster_file
from engine.sheets import Column, cell_of
from webapp.attachments import file_response
from webapp.context import actor, runtime
from webapp.security import takes_files


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    agency = "/exchange/<region>/<agency>"
    pages.add_url_rule("/exchange", "exchange", show)
    pages.add_url_rule(agency, "exchange_office", office)
    pages.add_url_rule(f"{agency}/roster", "export_roster", export, methods=["POST"])
    pages.add_url_rule(f"{agency}/paper", "list_on_paper", on_paper, methods=["POST"])
    pages.add_url_rule(f"{agency}/<uuid:one>/result", "take_result", take, methods=["POST"])
    pages.add_url_rule(f"{agency}/<uuid:one>/receipt", "receipt", receipt, methods=["POST"])
    pages.add_url_rule("/exchange/lists/<uuid:one>/file", "roster_file", file)
    pages.add_url_rule("/exchange/lists/<uuid:one>/print", "paper_list", printed)


def show() -> ResponseReturnValue:
    """List the agencies the clerk exchanges lists with; go straight to the only one."""
    rows = offices(runtime(), actor())
    if len(rows) == 1:
        only = rows[0].setting
        return redirect(url_for("clerk.exchange_office", region=only.region, agency=only.agency))
    return render_template("clerk/exchange.html", rows=rows)


def office(region: str, agency: str) -> ResponseReturnValue:
    """Show one agency with its lists."""
    return _office(region, agency)


def export(region: str, agency: str) -> ResponseReturnValue:
    """Export what waits."""
    try:
        export_roster(runtime(), region, agency, actor())
        flash("名册已生成，请下载后交给部门。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.exchange_office", region=region, agency=agency))


def on_paper(region: str, agency: str) -> ResponseReturnValue:
    """Make a list to be printed and signed for."""
    try:
        one = list_on_paper(runtime(), region, agency, actor())
    except Conflict as error:
        flash(error.message, "warning")
        return redirect(url_for("clerk.exchange_office", region=region, agency=agency))
    return redirect(url_for("clerk.paper_list", one=one))


@takes_files
def take(region: str, agency: str, one: UUID) -> ResponseReturnValue:
    """Take in a result file and show what was found in it."""
    given = request.files.get("result")
    if given is None or not given.filename:
        return _office(region, agency, {str(one): "请先选择部门填好的名册文件。"}), 422
    try:
        upload = take_upload(
            runtime(), "result", region, str(one), given.filename, given.read(), actor()
        )
    except Invalid as error:
        return _office(region, agency, {str(one): error.message}), 422
    return redirect(url_for("upload.show", upload_id=upload))


def receipt(region: str, agency: str, one: UUID) -> ResponseReturnValue:
    """Write down who signed for a list."""
    who, day = (request.form.get(name, "").strip() for name in ("received_by", "received_on"))
    try:
        record_receipt(runtime(), one, who, day, actor())
    except Invalid as error:
        return _office(region, agency, {str(one): " ".join(error.errors.values())}), 422
    flash("签收已登记。", "success")
    return redirect(url_for("clerk.exchange_office", region=region, agency=agency))


def file(one: UUID) -> ResponseReturnValue:
    """The roster as it was exported, where need be after somebody else agreed."""
    if not take_out(runtime(), find_wanted(runtime(), "exchange", str(one), actor()), actor()):
        return redirect(url_for("export.ask", kind="exchange", ref=one))
    exchange, content = roster_file(runtime(), one, actor())
    name = f"{exchange.agency}第{exchange.no}号名册.xlsx"
    return file_response(content, XLSX.type, name, shown=False)


def printed(one: UUID) -> ResponseReturnValue:
    """A list to be printed, with a place to sign."""
    page = paper_list(runtime(), one, actor())
    groups: dict[str, list[Line]] = {}
    for line in page.lines:
        groups.setdefault(line.operation, []).append(line)
    columns = {code: request_columns(runtime().operations.get(code)) for code in groups}
    return render_template(
        "clerk/paper_list.html",
        page=page,
        groups=groups,
        columns=columns,
        operation=runtime().operations.get,
        kinds=KINDS,
        cell=_cell,
    )


def _cell(column: Column, line: Line) -> str:
    return cell_of(column, line.asked.get(column.path))


def _office(region: str, agency: str, problems: dict[str, str] | None = None) -> str:
    page = office_page(runtime(), region, agency, actor())
    return render_template("clerk/exchange_office.html", page=page, problems=problems or {})
