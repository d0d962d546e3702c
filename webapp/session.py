"""本次登录: who a page's next request would come from.

A form that was open for long asks here before it is sent: when nobody is signed in any more, or
somebody else is, what was typed stays where it is.
"""

from typing import Any

from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from webapp.context import actor

pages = Blueprint("session", __name__)


@pages.get("/session")
def show() -> dict[str, Any]:
    """Tell who is signed in, and the token that forms of this session carry."""
    one = actor()
    return {"account": str(one.account_id), "name": one.name, "token": generate_csrf()}
