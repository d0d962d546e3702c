"""The sandbox as a Flask application: the agencies' end points, and the page for people."""

import atexit
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

import handlers  # noqa: F401  (registers the operations)
from engine.errors import Conflict, EngineError, Forbidden, Invalid, NotFound
from engine.operations import OperationRegister, operations
from handlers.envelope import Request
from handlers.sandbox.feedback import Courier
from handlers.sandbox.files import fetched
from handlers.sandbox.office import Answer, Office
from handlers.sandbox.pages import pages
from handlers.sandbox.platform import Register, platform
from handlers.sandbox.platform.keys import Keys
from handlers.sandbox.platform.register import INVENTED
from handlers.signature import agency_key, verify

wire = Blueprint("wire", __name__)

#: Which HTTP status says which error.
STATUS: dict[type[EngineError], int] = {Invalid: 422, NotFound: 404, Forbidden: 403, Conflict: 409}


def create_app(
    folder: Path,
    secret: bytes,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    delay_seconds: float = 3,
    hold_seconds: float = 15,
    known: OperationRegister = operations,
    transport: httpx.BaseTransport | None = None,
    courier: bool = True,
    attended: bool = False,
    address: str = "",
    web: str = "http://127.0.0.1:8000",
    register: Callable[[], Register] = lambda: INVENTED,
) -> Flask:
    """Build the sandbox.

    Args:
        folder: where its file is kept; a restart goes on from there.
        secret: the installation's agency secret, shared with the worker and the web.
        clock: the case clock, so that a demonstration may advance it.
        delay_seconds: from acceptance to feedback, by that clock.
        hold_seconds: how long ``hang`` keeps the asker waiting.
        known: the operations it plays.
        transport: how feedback travels when everything runs in one process.
        attended: whether people sit before it, to scan and be recognised; otherwise that succeeds
            by itself.
        address: under which others reach it; the one a request was sent to if left out.
        web: where the portal sends people to.
        register: whom the identity platform knows.
        courier: whether feedback is sent by a thread; otherwise call ``carry`` on
            ``app.extensions["courier"]``.
    """
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=256 * 1024, SECRET=secret, HOLD_SECONDS=hold_seconds)
    app.config.update(ADDRESS=address, WEB=web)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    office = Office(folder, known, clock, delay_seconds, attended=attended, address=address)
    app.extensions["office"] = office
    app.extensions["courier"] = Courier(office, secret, transport)
    app.register_blueprint(wire)
    app.register_blueprint(pages)
    app.register_blueprint(platform)
    app.extensions["platform_keys"] = Keys(folder)
    app.extensions["register"] = register
    app.register_error_handler(EngineError, _say_error)
    app.after_request(_harden)
    if courier:
        app.extensions["courier"].start()
        atexit.register(app.extensions["courier"].stop)
    return app


@wire.post("/agencies/<agency>/<verb>")
def receive(agency: str, verb: str) -> ResponseReturnValue:
    """Take a request from the ``api`` adapter."""
    _check_signature(agency)
    try:
        read = Request.model_validate_json(request.get_data())
    except ValidationError:
        raise Invalid("请求信封不符合格式。") from None
    if read.operation != f"{agency}/{verb}" or read.agency_code != agency:
        raise Invalid("请求内容与地址不一致。")
    if request.headers.get("Idempotency-Key") != str(read.request_id):
        raise Invalid("缺少幂等键，或与请求编号不一致。")
    answer = _office().receive(read)
    for file in read.files:
        _office().note_file(read.request_id, fetched(file, read.callback_url))
    return _send(answer)


@wire.get("/requests/<uuid:request_id>")
def ask(request_id: UUID) -> ResponseReturnValue:
    """Tell what became of a request."""
    _check_signature(_agency_of(request_id))
    return _send(_office().ask(str(request_id)))


@wire.post("/requests/<uuid:request_id>/cancel")
def cancel(request_id: UUID) -> ResponseReturnValue:
    """Stop work on a request."""
    _check_signature(_agency_of(request_id))
    given = request.get_json(silent=True)
    reason = given.get("reason") if isinstance(given, dict) else None
    return _send(_office().cancel(str(request_id), str(reason or "")[:200]))


@wire.get("/audit")
def audit() -> ResponseReturnValue:
    """Per request: how often it came and how often it had effect. No personal data."""
    return jsonify(_office().audit())


@wire.get("/health")
def health() -> ResponseReturnValue:
    """Say that the service is up."""
    return jsonify(status="ok")


def _office() -> Office:
    office: Office = current_app.extensions["office"]
    return office


def _agency_of(request_id: UUID) -> str:
    return _office().agency_of(str(request_id))


def _check_signature(agency: str) -> None:
    key = agency_key(current_app.config["SECRET"], agency)
    verify(key, request.method, request.path, request.get_data(), dict(request.headers))


def _send(answer: Answer) -> Response:
    if answer.hold:
        time.sleep(current_app.config["HOLD_SECONDS"])
    return Response(answer.body, answer.status, content_type="application/json; charset=utf-8")


def _say_error(error: EngineError) -> ResponseReturnValue:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return jsonify(message=error.message), status


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", "default-src 'self'")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
