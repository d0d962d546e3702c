"""办件: the pages of those who work on cases in an office."""

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from webapp.clerk import cases, exchange, letters, search, window, worklist
from webapp.context import actor

pages = Blueprint("clerk", __name__)


def register_clerk(app: Flask) -> None:
    """Add the clerk's pages."""
    app.register_blueprint(pages)


@pages.before_request
def _staff_only() -> ResponseReturnValue | None:
    if actor().kind != "staff":
        abort(403)
    return None


worklist.add_to(pages)
search.add_to(pages)
cases.add_to(pages)
exchange.add_to(pages)
letters.add_to(pages)
window.add_to(pages)
