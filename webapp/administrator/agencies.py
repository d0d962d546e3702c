"""部门设置: how each agency is reached today, and what people are told about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.set_agency import AgencyFacts, set_agency
from engine.errors import Invalid, NotFound
from engine.models import AgencySetting
from engine.queries.administration import agencies
from webapp.context import actor, runtime, settings


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/agencies", "agencies", show)
    pages.add_url_rule("/agencies/<region>/<agency>", "agency", edit)
    pages.add_url_rule("/agencies/<region>/<agency>", "set_agency", change, methods=["POST"])


def show() -> ResponseReturnValue:
    """List the agencies."""
    return render_template("administrator/agencies.html", rows=agencies(runtime(), actor()))


def edit(region: str, agency: str) -> ResponseReturnValue:
    """Show one agency's settings."""
    row = _found(region, agency)
    facts = AgencyFacts(**{name: getattr(row, name) for name in AgencyFacts.__annotations__})
    return render_template("administrator/agency.html", row=row, facts=facts, errors={})


def change(region: str, agency: str) -> ResponseReturnValue:
    """Change one agency's settings."""
    row = _found(region, agency)
    facts = AgencyFacts(
        **{name: request.form.get(name, "").strip() for name in AgencyFacts.__annotations__}
    )
    try:
        here = settings().loopback
        set_agency(runtime(), region, agency, facts, actor(), loopback=here)
    except Invalid as error:
        page = render_template(
            "administrator/agency.html", row=row, facts=facts, errors=error.errors
        )
        return page, 422
    flash(f"“{facts.title}”的设置已保存，之后发出的请求按新设置办理。", "success")
    return redirect(url_for("administrator.agencies"))


def _found(region: str, agency: str) -> AgencySetting:
    for row in agencies(runtime(), actor()):
        if (row.region, row.agency) == (region, agency):
            return row
    raise NotFound
