"""文书: an official document on a page, to read, print and save; and a region's own papers."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine.commands.open_document import open_document
from engine.commands.take_out import take_out
from engine.documents.preview import preview
from engine.exports import find_wanted, is_list
from engine.forms import prefill
from engine.queries.documents import find_document, form_of_region, region_paper
from engine.queries.task_page import task_page
from webapp.attachments import file_response
from webapp.context import actor, runtime
from webapp.forms import form_page

pages = Blueprint("document", __name__)


@pages.get("/documents/<uuid:document_id>")
def show(document_id: UUID) -> ResponseReturnValue:
    """Show a document for reading, or ready to be printed."""
    printing = request.args.get("print") == "1"
    line, content = open_document(runtime(), document_id, actor(), "print" if printing else "read")
    return render_template(
        "document/show.html",
        line=line,
        paper=Markup(preview(content, line.media_type)),  # noqa: S704 - cut down by preview
        case_no=line.case_no,
    )


@pages.get("/documents/<uuid:document_id>/save")
def save(document_id: UUID) -> ResponseReturnValue:
    """Let a document be saved exactly as it was issued; a list of persons, as ``exports`` says."""
    wanted = find_wanted(runtime(), "document", str(document_id), actor())
    listed = is_list(find_document(runtime(), document_id, actor())[0].media_type)
    if listed and not take_out(runtime(), wanted, actor()):
        return redirect(url_for("export.ask", kind="document", ref=document_id))
    line, content = open_document(runtime(), document_id, actor(), "save")
    return file_response(content, line.media_type, line.name, shown=False)


@pages.get("/papers/<region>/forms/<key>")
def blank(region: str, key: str) -> ResponseReturnValue:
    """A form to be filled in by hand (ZY-045, YC-011)."""
    form = form_of_region(runtime(), region, key)
    return render_template("document/form.html", form=form_page(form, prefill(form, {})), back=None)


@pages.get("/tasks/<uuid:task_id>/paper")
def filled(task_id: UUID) -> ResponseReturnValue:
    """The form of a task on paper, with what is known already filled in."""
    page = task_page(runtime(), task_id, actor())
    return render_template(
        "document/form.html", form=form_page(page.form, page.answers), back=page.task
    )


@pages.get("/papers/<region>/<key>")
def paper(region: str, key: str) -> ResponseReturnValue:
    """A document about the region itself, made from its present settings (JL-055)."""
    media_type, name, content = region_paper(runtime(), region, key)
    if request.args.get("save") == "1":
        return file_response(content, media_type, name, shown=False)
    return render_template(
        "document/paper.html",
        title=name.rpartition(".")[0],
        region=region,
        key=key,
        paper=Markup(preview(content, media_type)),  # noqa: S704 - cut down by preview
    )
