"""From error to HTTP: the only place that knows both.

People get a page in Chinese that says what to do; programs get ``{code, message, errors}``.
"""

from typing import NamedTuple

import structlog
from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from engine import errors
from engine.ids import new_id
from engine.sealing import Unsealable
from webapp.elder import COOKIE

log = structlog.get_logger()

STATUS: dict[type[errors.EngineError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.PackInvalid: 422,
    errors.AgencyUnavailable: 503,
    errors.CannotStart: 503,
    Unsealable: 410,
}


class Words(NamedTuple):
    """What a page says about a status: headline, and what the person can do."""

    title: str
    advice: str


WORDS = {
    400: Words("请求无法识别", "请返回上一页刷新后重试。"),
    401: Words("需要登录", "请登录后再访问。"),
    403: Words("没有权限", "如确需办理，请联系本单位管理员为您的账号开通权限。"),
    404: Words("没有找到", "请核对办件编号或网址，也可以从首页重新进入。"),
    405: Words("不支持的操作", "请返回上一页重新操作。"),
    409: Words("内容已发生变化", "请返回后刷新页面，核对最新情况再办理。"),
    410: Words("已按规定删除", "保存期已满，内容不能再查看；办件的时间和结果仍可在办件页查到。"),
    413: Words(
        "提交的内容过大",
        "请返回上一页，精简内容或压缩附件后重新提交：填写的内容不超过 1 MB，"
        "附件每个不超过 10 MB、一次合计不超过 30 MB。",
    ),
    422: Words("填写的内容有误", "请返回上一页，按提示修改后重新提交。"),
    429: Words("操作过于频繁", "请稍候几分钟再试。"),
    500: Words("系统出现问题", "您的操作没有生效，数据没有丢失。请稍后重试；仍不行请联系管理员。"),
    503: Words("系统繁忙", "请稍候一两分钟再试，已保存的内容不会丢失。"),
}
_UNKNOWN = Words("操作未能完成", "请返回上一页重试。")


def register_errors(app: Flask) -> None:
    """Answer every error in the words of this module."""
    app.register_error_handler(errors.EngineError, _engine_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolExhausted, _busy)
    app.register_error_handler(Exception, _defect)


def status_of(error: errors.EngineError) -> int:
    """The HTTP status of an engine error; 500 for what should not reach a person."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def _engine_error(error: errors.EngineError) -> ResponseReturnValue:
    status = status_of(error)
    if status == 500:
        log.error("engine error reached a page", kind=type(error).__name__, exc_info=error)
    return answer(status, error.message, type(error).__name__, getattr(error, "errors", None))


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    return answer(400, "页面已失效，本次操作没有生效。请返回上一页，刷新后重新操作。", "CsrfError")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return answer(error.code or 500, "", error.name.replace(" ", ""))


def _busy(error: Exception) -> ResponseReturnValue:
    log.error("database not available", exc_info=error)
    return answer(503, "", "Busy")


def _defect(error: Exception) -> ResponseReturnValue:
    number = str(new_id())[-12:]
    log.error("defect", number=number, path=request.path, exc_info=error)
    return answer(500, f"请将编号 {number} 告知管理员。", "Defect")


def answer(status: int, message: str, code: str, details: object = None) -> ResponseReturnValue:
    """An error as a page or as JSON, by who asks."""
    words = WORDS.get(status, _UNKNOWN)
    if request.path.startswith("/api/"):
        body = {"code": code, "message": message or words.title, "errors": details or {}}
        headers = {"WWW-Authenticate": 'Basic realm="yijianshi"'} if status == 401 else {}
        return jsonify(body), status, headers
    # rendered without asking who is signed in: the database may be what is missing
    template = current_app.jinja_env.get_template("error.html")
    large = request.cookies.get(COOKIE) == "elder"
    return template.render(status=status, words=words, message=message, elder=large), status
