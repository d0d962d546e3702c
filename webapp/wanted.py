"""想去的页面: the page somebody asked for before signing in, if it may be named in an address."""

import re
from urllib.parse import unquote

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from engine.identity import may_name_somebody

#: Nothing of ours is longer.
LONGEST = 300
_IDENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def register_wanted(app: Flask) -> None:
    """Give templates ``this_page``, for switches that lead back to where somebody is."""
    app.jinja_env.globals["this_page"] = this_page


def this_page() -> str:
    """The page that is shown, as far as it may be named; what was sent to it is not in it."""
    return wanted_page(request.full_path.rstrip("?") if request.method == "GET" else request.path)


def wanted_page(asked: str) -> str:
    """The path and query asked for; ``/`` unless it is a page of ours and names nobody.

    It stands in the address of the sign-in page, so it holds no number of a person, and it is
    where the browser is sent, so it leads nowhere else.
    """
    path, mark, query = asked.partition("?")
    if not _is_ours(path) or not asked.isprintable() or len(asked) > LONGEST or _names(path):
        return "/"
    return path if _names(query) else f"{path}{mark}{query}"


def _is_ours(path: str) -> bool:
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return False
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return True


def _names(text: str) -> bool:
    """Whether a number of a person may stand there, however it is spelt."""
    return may_name_somebody(_IDENT.sub("", unquote(text)))
