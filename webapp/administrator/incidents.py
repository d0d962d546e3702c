"""异常处理: what automation gave up on, and letting it try again."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.retry_incident import retry_incident
from engine.errors import Conflict
from engine.queries.incidents import incidents
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/incidents", "incidents", show)
    pages.add_url_rule("/incidents/<uuid:incident_id>/retry", "retry", retry, methods=["POST"])


def show() -> ResponseReturnValue:
    """List the incidents."""
    closed = request.args.get("closed") == "1"
    rows = incidents(runtime(), actor(), closed=closed)
    return render_template("administrator/incidents.html", rows=rows, closed=closed)


def retry(incident_id: UUID) -> ResponseReturnValue:
    """Close an incident and try again."""
    try:
        retry_incident(runtime(), incident_id, request.form.get("note", "").strip()[:400], actor())
        flash("已重新发出。是否成功请稍后在“服务请求”中查看。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("administrator.incidents"))
