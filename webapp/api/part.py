"""The parts the API is made of: one blueprint per subject, all guarded in the same way."""

from apiflask import APIBlueprint
from apiflask.exceptions import HTTPError
from flask import abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from engine.errors import Forbidden
from handlers.envelope import wrong_places
from webapp.errors import answer
from webapp.security import csrf

ROOT = "/api/v1"


class Body(BaseModel):
    """What a client sends as JSON: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """What a client asks in the address: a misspelt filter must not be silently ignored."""

    model_config = ConfigDict(extra="forbid")


class Shape(BaseModel):
    """What we answer, read from a row or an object of the engine."""

    model_config = ConfigDict(from_attributes=True)


def part(name: str, title: str, *, open_to_all: bool = False) -> APIBlueprint:
    """Make the blueprint of one subject.

    Args:
        name: of its end points.
        title: heading in the OpenAPI document.
        open_to_all: nobody signs in; its views read what was sent for themselves.
    """
    made = APIBlueprint(f"api_{name}", __name__, url_prefix=ROOT, tag=title)
    csrf.exempt(made)  # checked below, for those who come with a cookie
    if not open_to_all:
        made.before_request(_require_own_will)
        made.before_request(_require_json)
    made.register_error_handler(HTTPError, _wrong_fields)
    made.register_error_handler(BadRequest, _unreadable)
    made.register_error_handler(UnsupportedMediaType, _not_json)
    return made


def _require_own_will() -> None:
    """A change must not be sent by a foreign page through somebody's browser."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if current_user.by == "session":
        try:
            csrf.protect()
        except CSRFError:
            raise Forbidden("使用登录会话调用接口时，须带 X-CSRFToken 请求头。") from None
    elif request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        # a browser remembers Basic passwords and sends them along; programs send no such header
        raise Forbidden("不接受其他网站发起的请求。")


def _require_json() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False):
        return
    if request.content_length and request.mimetype != "application/json":
        abort(415)


def _wrong_fields(error: HTTPError) -> ResponseReturnValue:
    cause = error.__cause__
    found = wrong_places(cause) if isinstance(cause, ValidationError) else {}
    return answer(error.status_code, "请求内容不符合接口要求。", "Invalid", found)


def _unreadable(error: BadRequest) -> ResponseReturnValue:
    if request.method in ("GET", "HEAD"):
        return answer(400, "请求地址中含有无法识别的字符，请核对。", "BadRequest")
    return answer(
        400,
        "请求无法识别：应为 UTF-8 编码的有效 JSON，不含重复的键、空字符和过深的层次。",
        "BadRequest",
    )


def _not_json(error: UnsupportedMediaType) -> ResponseReturnValue:
    return answer(415, "请求内容应为 JSON（Content-Type: application/json）。", "NotJson")
