"""科室办件: a supervisor's view of everybody's open tasks, to hand them on from."""

from typing import Any, get_args

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.office_work import Urgency, office_work
from engine.queries.reassignable import reasons
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/office", "office", show)


def show() -> ResponseReturnValue:
    """Show the figures by colleague, and the tasks of one of them or of all."""
    holder = request.args.get("holder", "")[:36]
    asked = request.args.get("urgency", "")
    urgency: Urgency = next((one for one in get_args(Urgency) if one == asked), "")
    after = request.args.get("after", "")
    work = office_work(runtime(), actor(), holder, urgency, after)
    given = {"holder": holder, "urgency": urgency}
    here: dict[str, Any] = {name: value for name, value in given.items() if value}
    return render_template(
        "clerk/office.html",
        work=work,
        names={str(one): title for one, title in work.holders.items()},
        holder=holder,
        urgency=urgency,
        reasons=reasons(runtime(), work.page.rows),
        first_url=url_for("clerk.office", **here) if after else "",
        next_url=url_for("clerk.office", **here, after=work.page.after) if work.page.after else "",
    )
