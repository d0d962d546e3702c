"""公开申请、公开查询: what can be asked for, and asked about, without an account (JLG-005)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue

from engine.access import PUBLIC
from engine.commands.start_case import start_case
from engine.errors import Conflict, Invalid, NotFound
from engine.forms import prefill
from engine.identity import is_id_no, normalise
from engine.queries.case_page import CasePage
from engine.queries.public import (
    PublicProcess,
    Standing,
    own_case,
    public_processes,
    standing,
)
from engine.scope import Scope, within
from engine.tries import (
    APPLY,
    ASK,
    ASK_CASE,
    ASK_PERSON,
    Limit,
    Tried,
    count_tries,
    of_address,
    seconds_shut,
)
from webapp.context import runtime
from webapp.forms import form_page, read_post
from webapp.progress import public_progress
from webapp.stages import stages

pages = Blueprint("public", __name__, url_prefix="/apply")
_DONE = "applied"
_NOT_FOUND = "没有找到，请核对办件编号和身份证号（单位为统一社会信用代码）。"


@pages.get("/<region>/<process>")
def form(region: str, process: str) -> ResponseReturnValue:
    """Show the form."""
    found = _found(region, process)
    return _page(found, prefill(found.release.pack.form(found.rule.start_form), {}))


@pages.post("/<region>/<process>")
def begin(region: str, process: str) -> ResponseReturnValue:
    """Take a request."""
    found = _found(region, process)
    posted = read_post(found.release.pack.form(found.rule.start_form), request.form, {})
    if posted.errors:
        return _page(found, posted.answers, posted.errors), 422
    if posted.action != "submit":
        return _page(found, posted.answers)
    _not_too_often(APPLY)
    try:
        started = start_case(runtime(), region, process, posted.answers, PUBLIC)
    except Invalid as error:
        return _page(found, posted.answers, error.errors or {"": error.message}), 422
    except Conflict as error:
        return _page(found, posted.answers, {"": error.message}), 409
    _count(APPLY)
    browser_session[_DONE] = started.no
    return redirect(url_for("public.done"))


@pages.get("/done")
def done() -> ResponseReturnValue:
    """Say under which number the request was taken."""
    no = browser_session.get(_DONE)
    if not no:
        return redirect(url_for("public.ask"))
    return render_template("public/done.html", no=no)


@pages.get("/progress")
def ask() -> ResponseReturnValue:
    """Ask for number and code; neither goes into an address."""
    return _progress()


@pages.post("/progress")
def answer() -> ResponseReturnValue:
    """Say how a request, or the asker's own case, stands.

    A number of the case and one of the person: neither alone tells anything.
    """
    no, code = normalise(request.form.get("no", "")), normalise(request.form.get("code", ""))
    asked = ((ASK_CASE, no), (ASK_PERSON, code))
    _not_too_often(ASK, *asked)
    try:
        with within(Scope(request=no)):
            if is_id_no(code):
                return _own(own_case(runtime(), no, code))
            return _progress(no, code, standing(runtime(), no, code))
    except NotFound:
        _count(ASK, *asked)
        return _progress(no, code, problem=_NOT_FOUND), 404


def _own(page: CasePage) -> str:
    lines, steps = public_progress(page), stages(page)
    return render_template("public/own.html", page=page, lines=lines, stages=steps)


def _not_too_often(limit: Limit, *asked: Tried) -> None:
    """Turn an address away that asked too often, whichever process it asked; or one of these."""
    tried = (*of_address(limit, request.remote_addr or ""), *asked)
    with runtime().reading() as session:
        if tried and seconds_shut(session, runtime().keyring, *tried):
            abort(429)


def _count(limit: Limit, *asked: Tried) -> None:
    if tried := (*of_address(limit, request.remote_addr or ""), *asked):
        with runtime().transaction() as session:
            count_tries(session, runtime().keyring, *tried)


def _found(region: str, process: str) -> PublicProcess:
    for found in public_processes(runtime()):
        if (found.release.config.code, found.process) == (region, process):
            return found
    raise NotFound


def _page(
    found: PublicProcess, answers: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> str:
    region = found.release.config.code
    url = url_for("public.begin", region=region, process=found.process)
    shown = form_page(
        found.release.pack.form(found.rule.start_form), answers, url=url, errors=errors
    )
    return render_template("public/form.html", found=found, form=shown)


def _progress(
    no: str = "", code: str = "", found: Standing | None = None, problem: str = ""
) -> str:
    shown = {"no": no, "code": "" if is_id_no(code) else code}  # no page repeats a person's number
    return render_template("public/progress.html", found=found, problem=problem, **shown)
