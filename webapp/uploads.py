"""A table that was uploaded: what was found in it, applying it, and how far that has come."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.take_upload import confirm_upload, discard_upload
from engine.errors import Conflict
from engine.media import XLSX
from engine.queries.uploads import marked_table, upload_page
from engine.uploads import STATES
from webapp.attachments import file_response
from webapp.context import actor, runtime

pages = Blueprint("upload", __name__, url_prefix="/uploads")


@pages.get("/<uuid:upload_id>")
def show(upload_id: UUID) -> ResponseReturnValue:
    """Show what was found, or how far it has come."""
    page = upload_page(runtime(), upload_id, actor())
    return render_template("upload.html", page=page, states=STATES)


@pages.post("/<uuid:upload_id>/confirm")
def confirm(upload_id: UUID) -> ResponseReturnValue:
    """Have the good rows applied."""
    try:
        confirm_upload(runtime(), upload_id, actor())
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("upload.show", upload_id=upload_id))


@pages.post("/<uuid:upload_id>/discard")
def discard(upload_id: UUID) -> ResponseReturnValue:
    """Forget a table that was not confirmed."""
    discard_upload(runtime(), upload_id, actor())
    flash("已放弃，文件内容已销毁。", "success")
    return redirect(url_for("home"))


@pages.get("/<uuid:upload_id>/file")
def file(upload_id: UUID) -> Response:
    """The table with the state of every row, or only the rows to be mended."""
    only_wrong = request.args.get("rows") == "wrong"
    name, content = marked_table(runtime(), upload_id, actor(), only_wrong=only_wrong)
    return file_response(content, XLSX.type, name, shown=False)
