"""申报: the pages of employers and retirees."""

from flask import Blueprint, Flask

from webapp.applicant import cases, home, own_data

pages = Blueprint("applicant", __name__, url_prefix="/my")


def register_applicant(app: Flask) -> None:
    """Add the applicant's pages."""
    app.register_blueprint(pages)


home.add_to(pages)
cases.add_to(pages)
own_data.add_to(pages)
