"""附件: a file somebody handed in, shown or saved.

What people hand in is never trusted: it is served as exactly what was recognised inside, may load
nothing and run nothing, and only what a browser shows by itself is shown; the rest is saved.
"""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response

from engine.media import JPEG, PDF, PNG
from engine.queries.attachments import read_attachment
from webapp.context import actor, runtime

pages = Blueprint("attachment", __name__, url_prefix="/attachments")

_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
#: A browser's own PDF viewer does not start inside ``sandbox``; it keeps scripts away from us.
_POLICIES = {
    PDF.type: f"{_NOTHING}; object-src 'self'",
    JPEG.type: f"{_NOTHING}; img-src 'self'; sandbox",
    PNG.type: f"{_NOTHING}; img-src 'self'; sandbox",
}


@pages.get("/<uuid:attachment_id>")
def show(attachment_id: UUID) -> Response:
    """Show a file in the browser where that is safe, else let it be saved."""
    line, content = read_attachment(runtime(), attachment_id, actor())
    return file_response(content, line.media_type, line.name, shown=line.can_be_shown)


@pages.get("/<uuid:attachment_id>/save")
def save(attachment_id: UUID) -> Response:
    """Let a file be saved under its name."""
    line, content = read_attachment(runtime(), attachment_id, actor())
    return file_response(content, line.media_type, line.name, shown=False)


def file_response(content: bytes, media_type: str, name: str, *, shown: bool) -> Response:
    """Answer with a file.

    Args:
        shown: whether the browser may show it itself.
    """
    policy = _POLICIES.get(media_type, f"{_NOTHING}; sandbox")
    shown = shown and media_type in _POLICIES
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
