"""管理: the pages of those who keep the system running."""

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

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
    releases,
)
from webapp.context import actor

pages = Blueprint("administrator", __name__, url_prefix="/admin")


def register_administrator(app: Flask) -> None:
    """Add the administrator's pages."""
    app.register_blueprint(pages)


@pages.before_request
def _administrators_only() -> ResponseReturnValue | None:
    if not actor().is_admin:
        abort(403)
    return None


subjects = (
    *(accounts, agencies, calendar, calls, clauses, clock),
    *(incidents, liaisons, people, releases),
)
for subject in subjects:
    subject.add_to(pages)
