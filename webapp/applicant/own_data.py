"""我的个人信息: what is kept about a retiree, to read, to print and to take along."""

import json

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engine.clock import office_date
from engine.commands.take_own_data import take_own_data
from webapp.context import actor, runtime
from webapp.own_record import own_record


def add_to(pages: Blueprint) -> None:
    """Add the page and the file."""
    pages.add_url_rule("/data", "own_data", show)
    pages.add_url_rule("/data/save", "save_own_data", save)


def show() -> ResponseReturnValue:
    """Show what is kept about whoever asks."""
    own = take_own_data(runtime(), actor(), "read")
    return render_template(
        "applicant/own_data.html", record=own_record(own, runtime().operations), own=own
    )


def save() -> ResponseReturnValue:
    """The same as a file that programs can read."""
    own = take_own_data(runtime(), actor(), "save")
    text = json.dumps(own_record(own, runtime().operations), ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    day = office_date(own.made_at)
    response.headers["Content-Disposition"] = f'attachment; filename="personal-data-{day}.json"'
    return response
