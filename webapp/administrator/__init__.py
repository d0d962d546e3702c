"""管理: the pages of those who keep the system running."""

from flask import Blueprint, Flask

from webapp.administrator import (
    accounts,
    agencies,
    calendar,
    calls,
    clauses,
    clock,
    incidents,
    liaisons,
    people,
    processing,
    releases,
)

pages = Blueprint("administrator", __name__, url_prefix="/admin")


def register_administrator(app: Flask) -> None:
    """Add the administrator's pages."""
    app.register_blueprint(pages)


subjects = (
    *(accounts, agencies, calendar, calls, clauses, clock),
    *(incidents, liaisons, people, processing, releases),
)
for subject in subjects:
    subject.add_to(pages)
