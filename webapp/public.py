"""公开申请: what can be asked for without an account, e.g. a custody institution's (JLG-005)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue

from engine.access import PUBLIC
from engine.commands.start_case import start_case
from engine.errors import Conflict, Invalid, NotFound
from engine.forms import prefill
from engine.identity import normalise
from engine.queries.public import PublicProcess, Standing, public_processes, standing
from engine.scope import Scope, within
from engine.tries import APPLY, ASK, Limit, count_tries, of_address, seconds_shut
from webapp.context import runtime
from webapp.forms import form_page, read_post

pages = Blueprint("public", __name__, url_prefix="/apply")
_DONE = "applied"


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
    """Say how a request stands."""
    no, uscc = normalise(request.form.get("no", "")), normalise(request.form.get("uscc", ""))
    _not_too_often(ASK)
    try:
        with within(Scope(request=no)):
            return _progress(no, uscc, standing(runtime(), no, uscc))
    except NotFound:
        _count(ASK)
        return _progress(no, uscc, problem="没有找到这一申请，请核对编号和统一社会信用代码。"), 404


def _not_too_often(limit: Limit) -> None:
    """Turn an address away that asked too often, whichever process it asked."""
    tried = of_address(limit, request.remote_addr or "")
    with runtime().reading() as session:
        if tried and seconds_shut(session, runtime().keyring, *tried):
            abort(429)


def _count(limit: Limit) -> None:
    if tried := of_address(limit, request.remote_addr or ""):
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
    no: str = "", uscc: str = "", found: Standing | None = None, problem: str = ""
) -> str:
    return render_template("public/progress.html", no=no, uscc=uscc, found=found, problem=problem)
