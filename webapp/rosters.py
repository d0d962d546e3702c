"""名册导入: tables of people taken in, by offices and by employers for their own people."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.take_upload import take_upload
from engine.errors import Invalid
from engine.media import XLSX
from engine.queries.rosters import roster_page, rosters
from webapp.attachments import file_response
from webapp.context import actor, runtime
from webapp.security import takes_files

pages = Blueprint("roster", __name__, url_prefix="/rosters")


@pages.get("")
def index() -> ResponseReturnValue:
    """List the rosters; go straight to the only one."""
    found = rosters(runtime(), actor())
    if len(found) == 1:
        config, code, _ = found[0]
        return redirect(url_for("roster.show", region=config.code, code=code))
    return render_template("rosters.html", rows=found)


@pages.get("/<region>/<code>")
def show(region: str, code: str) -> ResponseReturnValue:
    """Show what a roster asks for, and take it in."""
    return _page(region, code)


@pages.get("/<region>/<code>/template")
def template(region: str, code: str) -> Response:
    """An empty workbook."""
    page = roster_page(runtime(), region, code, actor())
    name = f"{page.roster.rule.title}（模板）.xlsx"
    return file_response(page.roster.template(), XLSX.type, name, shown=False)


@pages.post("/<region>/<code>")
@takes_files
def take(region: str, code: str) -> ResponseReturnValue:
    """Take a table in and show what was found in it."""
    given = request.files.get("table")
    if given is None or not given.filename:
        return _page(region, code, "请先选择填好的表格。"), 422
    purpose = roster_page(runtime(), region, code, actor()).roster.purpose
    full = request.form.get("full") == "full"
    try:
        upload = take_upload(
            runtime(), purpose, region, code, given.filename, given.read(), actor(), full=full
        )
    except Invalid as error:
        return _page(region, code, error.message), 422
    return redirect(url_for("upload.show", upload_id=upload))


def _page(region: str, code: str, problem: str = "") -> str:
    page = roster_page(runtime(), region, code, actor())
    return render_template("roster.html", page=page, problem=problem)
