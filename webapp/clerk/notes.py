"""备注: writing on a case what colleagues should know, and reading what calls oneself."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.write_note import LONGEST_NOTE, read_mentions, take_back_note, write_note
from engine.errors import Conflict, Invalid
from engine.notes import TAKE_BACK_MINUTES
from engine.queries.notes import mentions, notes_of
from webapp.clerk.cases import case_page_with
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/cases/<no>/notes", "notes", show)
    pages.add_url_rule("/cases/<no>/notes", "write_note", write, methods=["POST"])
    pages.add_url_rule("/cases/<no>/notes/read", "open_mention", open_mention, methods=["POST"])
    pages.add_url_rule("/notes/<uuid:note_id>/take-back", "take_back", take_back, methods=["POST"])
    pages.add_url_rule("/mentions", "mentions", show_mentions)
    pages.add_url_rule("/mentions", "read_mentions", read_all, methods=["POST"])


def show(no: str) -> ResponseReturnValue:
    """Show the notes on a case, with a field for the next."""
    return _page(no)


def write(no: str) -> ResponseReturnValue:
    """Keep a note."""
    text = request.form.get("text", "")
    to = [one for one in map(_id, request.form.getlist("to")) if one is not None]
    try:
        write_note(runtime(), no, text, to, actor())
    except Invalid as error:
        return _page(no, text, [str(one) for one in to], error.errors), 422
    flash("备注已保存。", "success")
    return redirect(url_for("clerk.notes", no=no))


def take_back(note_id: UUID) -> ResponseReturnValue:
    """Take a note back."""
    try:
        no = take_back_note(runtime(), note_id, actor())
        flash("备注已撤回。", "success")
    except Conflict as error:
        flash(error.message, "warning")
        return redirect(url_for("clerk.mentions"))
    return redirect(url_for("clerk.notes", no=no))


def show_mentions() -> ResponseReturnValue:
    """List the notes that call whoever asks."""
    return render_template("clerk/mentions.html", lines=mentions(runtime(), actor()))


def open_mention(no: str) -> ResponseReturnValue:
    """Go to the notes on a case; what calls whoever goes there is read with it."""
    notes_of(runtime(), no, actor())  # or it is not theirs to see
    read_mentions(runtime(), actor(), no)
    return redirect(url_for("clerk.notes", no=no))


def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    read_mentions(runtime(), actor())
    return redirect(url_for("clerk.mentions"))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(
    no: str, text: str = "", to: list[str] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    return case_page_with(
        no,
        "notes",
        found=notes_of(runtime(), no, actor()),
        text=text,
        to=to or [],
        errors=errors or {},
        longest=LONGEST_NOTE,
        minutes=TAKE_BACK_MINUTES,
    )
