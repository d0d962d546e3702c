"""What a browser is told and asked so that nobody else can act through it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.media import MOST_BYTES

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])

#: A page of ours needs nothing from any other host and runs no script but our files.
#: All files of one form together.
MOST_UPLOADED = 3 * MOST_BYTES
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src {styles}; img-src 'self' data:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Sessions(SecureCookieSessionInterface):
    """Session cookies that travel encrypted whenever the page did."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def register_security(app: Flask, secret: bytes, proxies: int = 0) -> None:
    """Sign cookies, ask for a CSRF token on every change, and send the protective headers.

    Args:
        proxies: how many reverse proxies in front say where a request comes from.
    """
    if proxies:
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)
    app.secret_key = secret
    app.session_interface = Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="yijianshi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # a clerk may leave a form open over lunch: the token lives as long as the session
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_PARTS=2000,
    )
    app.before_request(_allow_files)  # before anything reads the form
    csrf.init_app(app)
    app.before_request(_require_plain_text)
    app.after_request(_headers)


def allow_inline_style() -> None:
    """Let this page hold inline styles: the diagram viewer writes them."""
    g.inline_style = True


def takes_files(view: View) -> View:
    """Let this view be sent files by those who are signed in; all others stay at 1 MB."""
    view.__dict__["takes_files"] = True
    return view


def _allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and current_user.is_authenticated:
        request.max_content_length = MOST_UPLOADED + 1024 * 1024


def _require_plain_text() -> None:
    """No NUL reaches the database, where it would be an error of ours. No browser sends one."""
    given = [request.path, *request.args.values()]
    if not request.path.startswith("/api/"):  # its views decide how much of a body is read
        given += request.form.values()
    if any("\0" in value for value in given):
        abort(400)


def _headers(response: Response) -> Response:
    styles = "'self' 'unsafe-inline'" if g.get("inline_style") else "'self'"
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(styles=styles))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not request.path.startswith("/static/"):
        # personal data must not stay in a shared computer's cache
        response.headers["Cache-Control"] = "no-store"
    return response
