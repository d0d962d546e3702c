"""管理: the pages of those who keep the system running."""

from flask import Blueprint, Flask

from webapp.administrator import (
    agencies,
    calendar,
    calls,
    clauses,
    clock,
    incidents,
    liaisons,
    people,
    releases,
)

pages = Blueprint("administrator", __name__, url_prefix="/admin")


def register_administrator(app: Flask) -> None:
    """Add the administrator's pages."""
    app.register_blueprint(pages)


for subject in (agencies, calendar, calls, clauses, clock, incidents, liaisons, people, releases):
    subject.add_to(pages)
