"""The sandbox's page: what arrived, what was answered, and how to answer the next ones."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from engine.clock import CHINA
from engine.errors import EngineError, Forbidden, Invalid
from handlers.envelope import STATUS_TITLES, Status
from handlers.sandbox.behaviours import TITLES, Behaviour, Kind
from handlers.sandbox.office import Office

pages = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/look"
)


@pages.before_request
def _only_from_our_own_page() -> None:
    """No other site may press our buttons in a visitor's browser, by form or by DNS tricks."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        raise Forbidden("请在本页面上操作。")


@pages.get("/")
def overview() -> ResponseReturnValue:
    """Everything at a glance."""
    return _overview()


@pages.post("/outages/<agency>")
def switch_outage(agency: str) -> ResponseReturnValue:
    """Take an agency off the net or bring it back."""
    if agency not in _agencies():
        raise Invalid("没有这个部门。")
    _office().instructions.switch_outage(agency, request.form.get("out") == "1")
    return _back()


@pages.post("/instructions")
def instruct() -> ResponseReturnValue:
    """Tell agencies how to treat the next requests."""
    form = request.form
    operation, _, code = form.get("reason", "").partition(" ")
    try:
        _office().instructions.add(
            Behaviour(
                _kind(form.get("kind", "")),
                reason_code=code or None,
                delay_seconds=_number(form.get("delay", ""), "反馈间隔"),
                business=_business(form.get("business", "")),
            ),
            operation=form.get("operation", "") or operation,
            person=form.get("person", "")[:120],
            times=_times(form.get("times", "")),
        )
    except EngineError as error:
        return _overview(error.message, form), 422
    return _back()


@pages.post("/instructions/<int:instruction>/take-back")
def take_back(instruction: int) -> ResponseReturnValue:
    """Remove an instruction."""
    _office().instructions.take_back(instruction)
    return _back()


@pages.get("/desk/<uuid:request_id>")
def desk(request_id: object) -> ResponseReturnValue:
    """One request: what it says, what happened, and a form to answer it."""
    return _desk(str(request_id))


@pages.post("/desk/<uuid:request_id>")
def answer(request_id: object) -> ResponseReturnValue:
    """A person answers a request."""
    form = request.form
    try:
        _office().answer(
            str(request_id),
            Behaviour(
                "reply",
                status=_status(form.get("status", "")),
                reason_code=form.get("reason_code") or None,
                reason_text=form.get("reason_text", "")[:400],
                business=_business(form.get("business", "")),
            ),
        )
    except Invalid as error:
        return _desk(str(request_id), error.message, form), 422
    return redirect(url_for("pages.desk", request_id=request_id), 303)


@pages.post("/desk/<uuid:request_id>/again")
def send_again(request_id: object) -> ResponseReturnValue:
    """Send all feedback of a request once more: a duplicate, or a new try."""
    _office().send_again(str(request_id))
    return redirect(url_for("pages.desk", request_id=request_id), 303)


@pages.app_template_filter("china_time")
def china_time(seconds: float | None) -> str:
    """Unix seconds as an office's clock shows them."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


@pages.app_template_filter("readable")
def readable(content: str) -> str:
    """JSON laid out for reading."""
    return json.dumps(json.loads(content), ensure_ascii=False, indent=2)


def _overview(problem: str = "", form: Any = None) -> str:
    office = _office()
    word = request.args.get("q", "").strip()
    return render_template(
        "sandbox/overview.html",
        agencies=_agencies(),
        outages=office.instructions.outages(),
        instructions=office.instructions.all(),
        operations={operation.code: operation for operation in office.operations},
        requests=office.latest(word),
        word=word,
        now=office.clock().timestamp(),
        kinds=TITLES,
        statuses=STATUS_TITLES,
        problem=problem,
        form=form or {},
    )


def _desk(request_id: str, problem: str = "", form: Any = None) -> str:
    office = _office()
    story = office.story(request_id)
    return render_template(
        "sandbox/desk.html",
        **story,
        operation=office.operations.get(story["request"]["operation"]),
        agencies=_agencies(),
        kinds={**TITLES, "reply": "按脚本答复"},
        statuses=STATUS_TITLES,
        problem=problem,
        form=form or {},
    )


def _office() -> Office:
    office: Office = current_app.extensions["office"]
    return office


def _agencies() -> dict[str, str]:
    """The agencies that have operations, by code, with what people call them."""
    return dict(_named(sorted({operation.agency for operation in _office().operations})))


def _named(codes: list[str]) -> Iterator[tuple[str, str]]:
    for code in codes:
        try:
            yield code, str(import_module(f"handlers.{code}").TITLE)
        except (ImportError, AttributeError):
            yield code, code


def _back() -> Response:
    return redirect(url_for("pages.overview"), 303)


def _kind(given: str) -> Kind:
    for kind in TITLES:
        if kind == given:
            return kind
    raise Invalid("请选择答复方式。")


def _status(given: str) -> Status:
    for status in STATUS_TITLES:
        if status == given:
            return status
    raise Invalid("请选择答复的状态。")


def _number(given: str, what: str) -> float | None:
    if not given.strip():
        return None
    try:
        number = float(given)
    except ValueError:
        number = -1
    if not 0 <= number <= 365 * 86400:
        raise Invalid(f"{what}应为 0 至一年之间的秒数。")
    return number


def _times(given: str) -> int | None:
    if given == "always":
        return None
    if not given.isdecimal() or not 1 <= int(given) <= 1000:
        raise Invalid("次数应为 1 至 1000。")
    return int(given)


def _business(given: str) -> dict[str, Any]:
    if not given.strip():
        return {}
    try:
        block = json.loads(given)
    except (ValueError, RecursionError):
        block = None
    if not isinstance(block, dict):
        raise Invalid('业务结果应为 JSON 对象，例如 {"met": false}。')
    return block
