"""联络员: who takes what is handed to a department, from which day on."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import office_date
from engine.commands.set_liaison import LiaisonFacts, set_liaison
from engine.errors import Invalid, NotFound
from engine.liaisons import Department
from engine.queries.liaisons import LiaisonPage, liaison_page, liaisons
from engine.queries.regions import active_releases
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    one = "/liaisons/<region>/<any(agency, office):scope>/<code>"
    pages.add_url_rule("/liaisons", "liaisons", show)
    pages.add_url_rule(one, "liaison", edit)
    pages.add_url_rule(one, "set_liaison", change, methods=["POST"])


def show() -> ResponseReturnValue:
    """List the departments of one region."""
    lines = liaisons(runtime(), actor())
    own = dict.fromkeys(line.region for line in lines)
    region = request.args.get("region", "")
    region = region if region in own else next(iter(own), "")
    titles = {one.config.code: one.config.short_title for one in active_releases(runtime())}
    return render_template(
        "administrator/liaisons.html",
        rows=[line for line in lines if line.region == region],
        regions={code: titles[code] for code in own},
        region=region,
    )


def edit(region: str, scope: str, code: str) -> ResponseReturnValue:
    """Show one department and everybody named for it."""
    page = _found(region, Department(scope, code))
    today = office_date(runtime().clock.now()).isoformat()
    return _page(page, LiaisonFacts("", phone=page.line.to.phone, from_date=today), {})


def change(region: str, scope: str, code: str) -> ResponseReturnValue:
    """Name another liaison."""
    department = Department(scope, code)
    page = _found(region, department)
    facts = LiaisonFacts(
        **{name: request.form.get(name, "").strip() for name in LiaisonFacts.__annotations__}
    )
    try:
        open_things = set_liaison(runtime(), region, department, facts, actor())
    except Invalid as error:
        return _page(page, facts, error.errors), 422
    follow = f"，未办结的 {open_things} 件督办和名册届时改送新联络员" if open_things else ""
    flash(f"“{page.line.title}”自 {facts.from_date} 起由{facts.name}联络{follow}。", "success")
    return redirect(url_for("administrator.liaisons", region=region))


def _found(region: str, department: Department) -> LiaisonPage:
    page = liaison_page(runtime(), region, department, actor())
    if page is None:
        raise NotFound
    return page


def _page(page: LiaisonPage, facts: LiaisonFacts, errors: dict[str, str]) -> str:
    return render_template("administrator/liaison.html", page=page, facts=facts, errors=errors)
