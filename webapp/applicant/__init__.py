"""申报: the pages of employers and retirees."""

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from webapp.applicant import cases, home
from webapp.context import actor

pages = Blueprint("applicant", __name__, url_prefix="/my")


def register_applicant(app: Flask) -> None:
    """Add the applicant's pages."""
    app.register_blueprint(pages)


@pages.before_request
def _applicants_only() -> ResponseReturnValue | None:
    if actor().kind not in ("unit", "person"):
        abort(403)
    return None


home.add_to(pages)
cases.add_to(pages)
