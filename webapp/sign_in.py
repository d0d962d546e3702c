"""登录: who is signed in, and the pages to sign in and out.

The cookie holds a random token, PostgreSQL the session it opens; session and rights are read
afresh on every request, so that a right taken away, or a session ended elsewhere, is gone at once.
Programs may send HTTP Basic instead (see ``webapp.api``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user

from engine.access import Actor
from engine.accounts import actor_of
from engine.commands.begin_session import (
    await_second_factor,
    begin_session,
    check_password,
)
from engine.commands.change_password import change_password
from engine.commands.end_sessions import sign_out
from engine.commands.keep_session import keep_session
from engine.errors import Invalid
from engine.models import Account
from engine.queries.public import public_processes
from engine.sign_in_sessions import Present, find_present
from engine.tries import in_words
from webapp import demo, identity, portal
from webapp.browser import browser_of
from webapp.context import runtime, settings
from webapp.demo_regions import accounts_of, read_demos
from webapp.doors import register_doors
from webapp.wanted import wanted_page

log = structlog.get_logger()
pages = Blueprint("account", __name__)
#: What somebody may do before having chosen a password of their own.
_FIRST = {"static", "account.leave", "account.password", "account.new_password"}
#: What staff may do before having enrolled the second factor that is asked of them.
_SECOND = {*_FIRST, "factor.show", "factor.confirm"}
_STAFF_ONLY = "单位和个人请通过统一身份认证平台登录，本系统的账号只供工作人员使用。"
#: Where the browser keeps the token of a session that waits for its second factor.
WAITING = "waiting"


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in, as Flask-Login wants to see it. ``by``: session | basic | key.

    ``token`` and ``present`` are those of a session; programs have none.
    """

    actor: Actor
    by: str
    token: str = ""
    present: Present | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the cookie keeps."""
        return self.token


def register_sign_in(app: Flask) -> None:
    """Let every request know its account, and ask at the doors who may come in."""
    login = LoginManager(app)
    login.session_protection = "basic"
    login.user_loader(_from_session)
    register_doors(app)
    app.before_request(_own_password_first)
    app.before_request(_second_factor_first)
    app.extensions["take_in"] = take_in
    app.register_blueprint(pages)


@pages.get("/sign-in")
def form() -> ResponseReturnValue:
    """Show the sign-in page."""
    if current_user.is_authenticated:
        return redirect("/")
    return _page()


@pages.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Sign in, and go where the person wanted to go."""
    login = request.form.get("login", "").strip()[:60]
    given = request.form.get("password", "")[:200]
    checked = check_password(runtime(), login, given, request.remote_addr or "")
    if checked.shut:
        wait = in_words(checked.shut)
        return _page(f"尝试次数过多，请 {wait}后再试，或请管理员解除锁定。", login), 429
    account = checked.account
    if account is None:
        log.warning("sign-in failed")  # never the login: people type their numbers there
        return _page("登录名或密码不正确，请重新输入。", login), 422
    if account.kind != "staff" and identity.local_accounts_only_for_staff():
        return _page(_STAFF_ONLY, login), 403
    if account.second_factor_at is not None:
        return _ask_second_factor(account)
    take_in(account.id)
    return redirect(wanted())


def take_in(
    account_id: UUID, origin: str = "password", *, second_factor: bool = False
) -> Actor | None:
    """Sign an account in; ``None`` when it was disabled.

    Nothing of a session begun before is carried over, except that its owner came from the portal.

    Args:
        origin: ``password``, or ``identity/<region>``.
        second_factor: it was proved just now.
    """
    with runtime().reading() as session:
        actor = actor_of(session, account_id)
    if actor is None:
        return None
    token = begin_session(
        runtime(),
        account_id,
        browser_of(request),
        origin,
        timedelta(hours=settings().session_hours),
        second_factor=second_factor,
    )
    let_in(actor, token)
    return actor


def let_in(actor: Actor, token: str) -> None:
    """Give the browser the token of a session, in place of whatever it held before."""
    _forget_here()
    came = portal.take_along()
    browser_session.clear()
    browser_session.update(came)
    login_user(SignedIn(actor, "session", token))


@pages.get("/password")
def password() -> ResponseReturnValue:
    """Ask for a password of one's own."""
    return render_template("account/password.html", errors={}, first=_temporary())


@pages.post("/password")
def new_password() -> ResponseReturnValue:
    """Change the password."""
    try:
        change_password(
            runtime(),
            current_user.actor,
            request.form.get("old", "")[:200],
            request.form.get("new", "")[:201],
            keep=current_user.present.session_id,
        )
    except Invalid as error:
        shown = {"errors": error.errors, "first": _temporary()}
        return render_template("account/password.html", **shown), 422
    flash("密码已修改，下次请用新密码登录。其他设备已退出。", "success")
    return redirect("/")


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
    _forget_here()
    logout_user()
    browser_session.clear()
    flash("您已安全退出。", "success")
    return redirect("/sign-in")


def _page(problem: str = "", login: str = "") -> str:
    shown = settings().demo
    return render_template(
        "account/sign_in.html",
        problem=problem,
        login=login,
        accounts=_by_region() if shown else {},
        id_numbers=demo.id_numbers(runtime()) if shown else {},
        password=demo.PASSWORD if shown else "",
        wanted=wanted(),
        platforms=identity.platforms(),
        simulated=shown,
        requests=public_processes(runtime()),
    )


def _by_region() -> Mapping[str, Sequence[demo.DemoAccount]]:
    """The demonstration's accounts under the names of their regions."""
    regions: dict[str, list[demo.DemoAccount]] = {}
    told = (one for region, it in read_demos().items() for one in accounts_of(region, it))
    for account in (*demo.ACCOUNTS, *told):
        regions.setdefault(account.region, []).append(account)
    return regions


def wanted() -> str:
    """The page asked for before signing in; only ever one of ours."""
    return wanted_page(request.values.get("next", ""))


def _ask_second_factor(account: Account) -> ResponseReturnValue:
    """The password was right: wait for what the telephone says."""
    came = portal.take_along()
    _forget_here()
    browser_session.clear()
    browser_session.update(came)
    browser_session[WAITING] = await_second_factor(runtime(), account.id, browser_of(request))
    return redirect(url_for("factor.ask", next=wanted()))


def _forget_here() -> None:
    """End the session this browser had, if any."""
    if current_user.is_authenticated and current_user.token:
        sign_out(runtime(), current_user.token)


def _temporary() -> bool:
    return current_user.present is not None and current_user.present.temporary


def _from_session(token: str) -> SignedIn | None:
    with runtime().reading() as session:
        present = find_present(session, token, settings().idle)
    if present is None:
        return None
    if present.quiet:
        keep_session(runtime(), present.session_id)
    return SignedIn(present.actor, "session", token, present)


def _own_password_first() -> ResponseReturnValue | None:
    """Whoever came in with a password somebody else knows chooses one before anything else."""
    if request.endpoint in _FIRST:
        return None
    present = _present()
    if present is None or not present.temporary:
        return None
    return _elsewhere("account.password")


def _second_factor_first() -> ResponseReturnValue | None:
    """Staff of whom a second factor is asked enrol one before anything else."""
    if request.endpoint in _SECOND:
        return None
    present = _present()
    if present is None or present.second_factor:
        return None
    if not settings().asks_second_factor(present.actor.kind):
        return None
    return _elsewhere("factor.show")


def _present() -> Present | None:
    """The session behind this request, if it is one somebody is signed in with."""
    return current_user.present if current_user.is_authenticated else None


def _elsewhere(endpoint: str) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        abort(403)
    return redirect(url_for(endpoint))
