"""请假代办: saying who covers for whom, and what was done meanwhile."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.set_cover import end_cover, set_cover
from engine.covers import REASONS
from engine.errors import Conflict, Invalid
from engine.queries.covers import cover_choice, cover_report, covers
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/cover", "cover", show)
    pages.add_url_rule("/cover", "set_cover", begin, methods=["POST"])
    pages.add_url_rule("/cover/<uuid:cover_id>", "cover_report", report)
    pages.add_url_rule("/cover/<uuid:cover_id>/end", "end_cover", end, methods=["POST"])


def show() -> ResponseReturnValue:
    """List the covers, with a form for a new one."""
    return _page(request.args)


def begin() -> ResponseReturnValue:
    """Enter a new one."""
    form = request.form
    try:
        set_cover(
            runtime(),
            _absent(form),
            _id(form.get("by", "")),
            _day(form.get("from", "")),
            _day(form.get("until", "")),
            form.get("reason", ""),
            actor(),
        )
    except Invalid as error:
        return _page(form, error.errors), 422
    flash("请假代办已登记。", "success")
    return redirect(url_for("clerk.cover"))


def report(cover_id: UUID) -> ResponseReturnValue:
    """What was done in somebody's place."""
    line, done = cover_report(runtime(), cover_id, actor())
    return render_template("clerk/cover_report.html", line=line, done=done)


def end(cover_id: UUID) -> ResponseReturnValue:
    """End one now."""
    try:
        end_cover(runtime(), cover_id, actor())
        flash("代办已结束，未办完的环节仍在请假人名下。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.cover"))


def _page(typed: Mapping[str, str], errors: Mapping[str, str] | None = None) -> str:
    absent = _absent(typed)
    return render_template(
        "clerk/cover.html",
        lines=covers(runtime(), actor()),
        choice=cover_choice(runtime(), actor(), absent),
        absent=str(absent),
        typed=typed,
        reasons=REASONS,
        errors=errors or {},
    )


def _absent(typed: Mapping[str, str]) -> UUID:
    """Who is away: whoever was chosen, else whoever asks."""
    own = actor().account_id
    assert own is not None  # staff have accounts
    return _id(typed.get("absent", "")) or own


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
