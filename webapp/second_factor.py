"""二次验证: enrolling a telephone, and the page that asks for its code when signing in."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.accounts import actor_of
from engine.commands.enrol_second_factor import (
    WRONG,
    begin_enrolment,
    confirm_enrolment,
    renew_codes,
    replace_factor,
)
from engine.commands.pass_second_factor import Passed, awaited_account, pass_second_factor
from engine.errors import Conflict, Invalid, NotFound
from engine.tries import in_words
from handlers.qr import qr
from webapp.browser import browser_of
from webapp.context import actor, runtime, settings
from webapp.sign_in import WAITING, let_in, wanted

pages = Blueprint("factor", __name__)


@pages.get("/sign-in/code")
def ask() -> ResponseReturnValue:
    """Ask whoever gave the right password for a code."""
    if current_user.is_authenticated:
        return redirect("/")
    if awaited_account(runtime(), _waiting()) is None:
        return _too_late()
    return _ask()


@pages.post("/sign-in/code")
def answer() -> ResponseReturnValue:
    """Take the code, and go where the person wanted to go."""
    passed = pass_second_factor(
        runtime(),
        _waiting(),
        request.form.get("code", "")[:40],
        browser_of(request),
        timedelta(hours=settings().session_hours),
    )
    if passed.account_id is None:
        return _too_late()
    if passed.shut:
        return _ask(f"输错次数过多，请 {in_words(passed.shut)}后再试，或请管理员解除锁定。"), 429
    if not passed.token:
        return _ask(WRONG), 422
    return _let_in(passed)


@pages.get("/second-factor")
def show() -> ResponseReturnValue:
    """Show the QR code to enrol, or what is enrolled."""
    return _page()


@pages.post("/second-factor")
def confirm() -> ResponseReturnValue:
    """Enrol; the recovery codes are shown this once."""
    present = current_user.present
    try:
        codes = confirm_enrolment(runtime(), actor(), present.session_id, _code())
    except Conflict:
        return redirect(url_for("factor.show"))
    except NotFound as error:  # begun anew on another device meanwhile
        flash(error.message, "warning")
        return redirect(url_for("factor.show"))
    except Invalid as error:
        return _page(error.errors), 422
    return _codes(codes)


@pages.post("/second-factor/codes")
def new_codes() -> ResponseReturnValue:
    """Give fresh recovery codes; they are shown this once."""
    try:
        return _codes(renew_codes(runtime(), actor(), _code()))
    except Invalid as error:
        return _page({"codes": error.errors["code"]}), 422


@pages.post("/second-factor/replace")
def replace() -> ResponseReturnValue:
    """Take the old telephone away and begin with a new one."""
    try:
        replace_factor(runtime(), actor(), current_user.present.session_id, _code())
    except Invalid as error:
        return _page({"replace": error.errors["code"]}), 422
    flash("原手机已停用，请用新手机扫码。", "success")
    return redirect(url_for("factor.show"))


def _let_in(passed: Passed) -> ResponseReturnValue:
    assert passed.account_id is not None
    with runtime().reading() as session:
        who = actor_of(session, passed.account_id)
    if who is None:  # disabled in this very moment
        return _too_late()
    let_in(who, passed.token)
    if passed.codes_left is not None:
        left = f"您用了一个恢复码，还剩 {passed.codes_left} 个。"
        flash(left + "换了手机的，请在“登录设备”页重新设置二次验证。", "warning")
    return redirect(wanted())


def _waiting() -> str:
    return str(browser_session.get(WAITING, ""))


def _too_late() -> ResponseReturnValue:
    browser_session.pop(WAITING, None)
    flash("登录已超时，请重新输入密码。", "warning")
    return redirect(url_for("account.form"))


def _code() -> str:
    return request.form.get("code", "")[:40]


def _ask(problem: str = "") -> str:
    return render_template("account/code.html", problem=problem, wanted=wanted())


def _page(errors: dict[str, str] | None = None) -> str:
    try:
        enrolment = begin_enrolment(runtime(), actor(), current_user.present.session_id)
    except Conflict:
        return render_template("account/factor.html", errors=errors or {})
    secret = enrolment.secret
    return render_template(
        "account/enrol.html",
        errors=errors or {},
        picture=qr(enrolment.address, "二次验证的二维码"),
        groups=[secret[at : at + 4] for at in range(0, len(secret), 4)],
        asked=settings().asks_second_factor(actor().kind),
    )


def _codes(codes: list[str]) -> str:
    return render_template("account/recovery_codes.html", codes=codes)
