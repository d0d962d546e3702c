"""发布版本: what new cases begin with, and what live cases still run on."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.queries.administration import releases
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/releases", "releases", show)


def show() -> ResponseReturnValue:
    """List the releases."""
    return render_template("administrator/releases.html", rows=releases(runtime(), actor()))
