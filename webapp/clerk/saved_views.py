"""常用筛选: keeping a list of tasks under a name."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.keep_view import KEPT, drop_view, keep_view, put_view_first, rename_view
from engine.errors import Conflict, Invalid, NotFound
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add what the list of tasks sends."""
    pages.add_url_rule("/tasks/views", "keep_view", keep, methods=["POST"])
    pages.add_url_rule("/tasks/views/change", "change_view", change, methods=["POST"])


def keep() -> ResponseReturnValue:
    """Keep what is shown."""
    form = request.form
    asks: dict[str, Any] = {name: form[name] for name in KEPT if form.get(name)}
    name = form.get("name", "")
    try:
        keep_view(runtime(), name, asks, actor(), first=form.get("first") == "1")
        flash(f"已存为常用筛选“{name.strip()}”。", "success")
    except (Invalid, Conflict) as error:
        _say(error)
    return redirect(url_for("clerk.worklist", **(asks or {"view": "mine"})))


def change() -> ResponseReturnValue:
    """Rename a kept list, put it first, or drop it."""
    what, name = request.form.get("what", ""), request.form.get("name", "")
    try:
        view_id = UUID(request.form.get("id", ""))
    except ValueError:
        raise NotFound from None
    try:
        if what == "rename":
            rename_view(runtime(), view_id, name, actor())
        elif what == "drop":
            drop_view(runtime(), view_id, actor())
        else:
            put_view_first(runtime(), view_id, actor(), yes=what == "first")
        flash("常用筛选已更新。", "success")
    except Invalid as error:
        _say(error)
    return redirect(url_for("clerk.worklist", view="mine"))


def _say(error: Invalid | Conflict) -> None:
    said = " ".join(error.errors.values()) if isinstance(error, Invalid) else error.message
    flash(said, "warning")
