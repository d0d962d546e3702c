"""导出审批: asking for a list of persons, deciding, and who took what out (NX-017)."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.take_out import ask_export, decide_export
from engine.errors import Conflict, Invalid
from engine.exports import DEEDS, EXPORTABLES, STATES, Wanted, export_rules, find_wanted
from engine.queries.exports import export_page
from engine.queries.statistics.listing import read_ref
from webapp.context import actor, runtime

pages = Blueprint("export", __name__, url_prefix="/exports")


@pages.get("/")
def index() -> ResponseReturnValue:
    """Show what the clerk asked for, what waits for a decision, and the log."""
    return _index({})


@pages.get("/ask/<kind>/<ref>")
def ask(kind: str, ref: str) -> ResponseReturnValue:
    """Ask what a list is wanted for."""
    return _ask(find_wanted(runtime(), kind, ref, actor()), "", {})


@pages.post("/ask/<kind>/<ref>")
def send(kind: str, ref: str) -> ResponseReturnValue:
    """Hand the request in."""
    wanted = find_wanted(runtime(), kind, ref, actor())
    purpose = request.form.get("purpose", "").strip()
    try:
        ask_export(runtime(), wanted, purpose, actor())
        flash("已提交，由另一人审批；同意后可在本页下载。", "success")
    except Invalid as error:
        return _ask(wanted, purpose, error.errors), 422
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("export.index"))


@pages.post("/<uuid:export_id>")
def decide(export_id: UUID) -> ResponseReturnValue:
    """Agree, or not."""
    agree = request.form.get("decision") == "agree"
    try:
        decide_export(runtime(), export_id, agree, request.form.get("reason", "").strip(), actor())
        flash("已同意导出。" if agree else "已答复不同意。", "success")
    except Invalid as error:
        return _index({export_id: error.errors["reason"]}), 422
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("export.index"))


def _index(problems: dict[UUID, str]) -> str:
    now = runtime().clock.now()

    return render_template(
        "exports/index.html",
        page=export_page(runtime(), actor()),
        kinds=EXPORTABLES,
        states=STATES,
        deeds=DEEDS,
        problems=problems,
        place=_place,
        valid=lambda one: one.state == "approved" and one.valid_until >= now,
    )


def _place(kind: str, ref: str) -> str:
    """Where an approved list is fetched."""
    if kind == "exchange":
        return url_for("clerk.roster_file", one=ref)
    if kind == "figures":
        filters, asked = read_ref(ref)
        query = filters.query(figure=asked.figure, of=asked.of)
        return url_for("statistics.export_list", **query)
    return url_for("document.save", document_id=ref)


def _ask(wanted: Wanted, purpose: str, errors: dict[str, str]) -> str:
    return render_template(
        "exports/ask.html",
        wanted=wanted,
        rule=export_rules(runtime()).get(wanted.region),
        purpose=purpose,
        errors=errors,
    )
