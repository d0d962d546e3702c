"""语言: who wants pages in English, remembered by the browser."""

import logging

from flask import Blueprint, Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from lxml.etree import ParserError

from webapp.translation.catalogue import catalogue
from webapp.translation.page import in_english
from webapp.wanted import wanted_page

log = logging.getLogger(__name__)
pages = Blueprint("language", __name__)
COOKIE = "yijianshi_language"
_A_YEAR = 365 * 24 * 3600


def register_english(app: Flask) -> None:
    """Translate pages as they leave for those who want English."""
    app.jinja_env.globals.update(english=wants_english)
    app.register_blueprint(pages)
    app.after_request(_leave)


def wants_english() -> bool:
    """Whether whoever sent this request reads English."""
    return request.cookies.get(COOKIE) == "en"


@pages.get('/language/<any("en", "zh"):language>')
def choose(language: str) -> ResponseReturnValue:
    """Remember the language and go back to the page; to the first page when it cannot be."""
    answer = redirect(wanted_page(request.args.get("next", "")))
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


def _leave(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.add("Vary", "Cookie")
        if wants_english() and not response.direct_passthrough and response.get_data():
            _translate(response)
    return response


def _translate(response: Response) -> None:
    """Put a page into English; one that cannot be read as a page is shown as it is."""
    try:
        response.set_data(in_english(response.get_data(as_text=True), catalogue()))
    except (ValueError, ParserError, RecursionError):
        log.exception("a page could not be put into English: %s", request.endpoint)
