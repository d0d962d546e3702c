"""督办件: what is overdue, was returned or could not be delivered, for a department's liaison."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.close_letter import close_letter
from engine.errors import Conflict, Invalid
from engine.letters import KINDS
from engine.queries.letters import letters
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/letters", "letters", show)
    pages.add_url_rule("/letters/<uuid:letter_id>", "close_letter", close, methods=["POST"])


def show() -> ResponseReturnValue:
    """List the letters, open or closed."""
    return _page({})


def close(letter_id: UUID) -> ResponseReturnValue:
    """Say what was done about one."""
    reply = request.form.get("reply", "").strip()
    try:
        close_letter(runtime(), letter_id, reply, actor())
        flash("督办件已办结。", "success")
    except Invalid as error:
        return _page({letter_id: error.errors["reply"]}), 422
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.letters"))


def _page(problems: dict[UUID, str]) -> str:
    closed = request.args.get("closed") == "1"
    after = request.args.get("after", "")
    found = letters(runtime(), actor(), closed=closed, after=after)
    more = url_for("clerk.letters", closed=int(closed), after=found.after) if found.after else ""
    return render_template(
        "clerk/letters.html",
        rows=found.rows,
        next_url=more,
        closed=closed,
        kinds=KINDS,
        problems=problems,
    )
