"""语言: who wants pages in English, remembered by the browser."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from webapp.translation.catalogue import catalogue
from webapp.translation.page import in_english

pages = Blueprint("language", __name__)
COOKIE = "yijianshi_language"
_A_YEAR = 365 * 24 * 3600


def register_english(app: Flask) -> None:
    """Translate pages as they leave for those who want English."""
    app.jinja_env.globals.update(english=wants_english, this_page=_this_page)
    app.register_blueprint(pages)
    app.after_request(_leave)


def wants_english() -> bool:
    """Whether whoever sent this request reads English."""
    return request.cookies.get(COOKIE) == "en"


@pages.get('/language/<any("en", "zh"):language>')
def choose(language: str) -> ResponseReturnValue:
    """Remember the language and go back to the page; to the first page when it cannot be."""
    answer = redirect(_page_of_ours(request.args.get("next", "")))
    if language == "en":
        answer.set_cookie(
            *(COOKIE, "en"),
            max_age=_A_YEAR,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    else:
        answer.delete_cookie(COOKIE)
    return answer


def _this_page() -> str:
    """The address to come back to. What was searched for by POST is not in it."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _page_of_ours(address: str) -> str:
    """The address if it is one of our pages that can be opened, else that of the first page."""
    parts = urlsplit(address.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return "/"
    routes = current_app.url_map.bind("")
    try:
        routes.match(parts.path, method="GET")
    except HTTPException:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _leave(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.add("Vary", "Cookie")
        if wants_english() and not response.direct_passthrough:
            response.set_data(in_english(response.get_data(as_text=True), catalogue()))
    return response
