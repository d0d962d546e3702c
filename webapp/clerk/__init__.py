"""办件: the pages of those who work on cases in an office."""

from flask import Blueprint, Flask

from webapp.clerk import (
    bulk,
    cases,
    cover,
    exchange,
    letters,
    notes,
    office,
    reassign,
    saved_views,
    search,
    window,
    worklist,
)

pages = Blueprint("clerk", __name__)


def register_clerk(app: Flask) -> None:
    """Add the clerk's pages."""
    app.register_blueprint(pages)


worklist.add_to(pages)
bulk.add_to(pages)
saved_views.add_to(pages)
reassign.add_to(pages)
office.add_to(pages)
notes.add_to(pages)
cover.add_to(pages)
search.add_to(pages)
cases.add_to(pages)
exchange.add_to(pages)
letters.add_to(pages)
window.add_to(pages)
