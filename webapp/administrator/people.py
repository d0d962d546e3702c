"""单位与账号: the employers on record, and who may sign in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.register_unit import register_unit
from engine.errors import Invalid
from engine.queries.administration import accounts, units
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/people", "people", show)
    pages.add_url_rule("/people/units", "add_unit", add_unit, methods=["POST"])


def show() -> ResponseReturnValue:
    """List units and accounts."""
    return _page({}, {})


def add_unit() -> ResponseReturnValue:
    """Put a unit on record."""
    typed = {name: request.form.get(name, "").strip()[:200] for name in ("name", "uscc")}
    try:
        register_unit(runtime(), typed["name"], typed["uscc"], actor())
    except Invalid as error:
        return _page(typed, error.errors), 422
    flash(f"“{typed['name']}”已登记。", "success")
    return redirect(url_for("administrator.people"))


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "administrator/people.html",
        units=units(runtime()),
        accounts=accounts(runtime(), actor()),
        typed=typed,
        errors=errors,
    )
