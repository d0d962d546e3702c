"""服务请求: what was asked of agencies, newest first."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.administration import agencies, service_calls
from webapp import words
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/calls", "calls", show)


def show() -> ResponseReturnValue:
    """List the service calls."""
    state = request.args.get("state", "")
    state = state if state in words.CALL_STATES else ""
    after = request.args.get("after", "")
    page = service_calls(runtime(), actor(), state=state, after=after)
    here: dict[str, Any] = {"state": state}
    return render_template(
        "administrator/calls.html",
        page=page,
        state=state,
        titles={row.agency: row.title for row in agencies(runtime(), actor())},
        next_url=url_for("administrator.calls", **here, after=page.after) if page.after else "",
        first_url=url_for("administrator.calls", **here) if after else "",
    )
