"""长辈版: large print and few things at once, for applicants and on public pages.

A cookie of its own remembers it, beyond signing out: it says how somebody reads, not who they are.
The look is in ``app.css``, on ``data-mode="elder"``; a script may switch without loading the page
anew, so that nothing typed is lost. Clerks have their own tools and no such switch.
"""

from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.sign_in import wanted

pages = Blueprint("elder", __name__)
COOKIE = "reading"
_A_YEAR = 365 * 24 * 3600


def register_elder(app: Flask) -> None:
    """Give templates ``elder``, whether the reader wants it, and ``may_elder``, whether asked."""
    app.register_blueprint(pages)
    app.context_processor(lambda: {"elder": elder(), "may_elder": may_elder()})


def elder() -> bool:
    """Whether this page is shown in large print."""
    return request.cookies.get(COOKIE) == "elder" and may_elder()


def may_elder() -> bool:
    """Whether the switch is offered: to everybody but clerks."""
    return not (current_user.is_authenticated and current_user.actor.kind == "staff")


@pages.post("/reading")
def switch() -> ResponseReturnValue:
    """Remember how somebody reads, and go back to where they were."""
    response = redirect(wanted(), 303)
    if request.form.get("mode") == "elder":
        response.set_cookie(
            *(COOKIE, "elder"),
            max_age=_A_YEAR,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(COOKIE)
    return response
