"""登录: who is signed in, and the pages to sign in and out.

A session names an account; its rights are read afresh on every request, so that a right taken
away is gone at once. Programs may send HTTP Basic instead of a session (see ``webapp.api``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user

from engine.access import Actor
from engine.accounts import actor_of, sign_in
from engine.commands.change_password import change_password
from engine.errors import Invalid
from engine.queries.public import public_processes
from webapp import demo, identity, portal
from webapp.context import runtime, settings
from webapp.demo_regions import accounts_of, read_demos
from webapp.doors import register_doors
from webapp.throttle import Throttle

pages = Blueprint("account", __name__)
_TEMPORARY = "temporary"
#: What somebody may do before having chosen a password of their own.
_FIRST = {"static", "account.leave", "account.password", "account.new_password"}
_STAFF_ONLY = "单位和个人请通过统一身份认证平台登录，本系统的账号只供工作人员使用。"
throttle = Throttle(tries=8, seconds=300)


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in, as Flask-Login wants to see it. ``by``: session | basic."""

    actor: Actor
    by: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the session keeps."""
        return str(self.actor.account_id)


def register_sign_in(app: Flask) -> None:
    """Let every request know its account, and ask at the doors who may come in."""
    login = LoginManager(app)
    login.session_protection = "basic"
    login.user_loader(_from_session)
    register_doors(app)
    app.before_request(_own_password_first)
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
    if throttle.is_shut(login, request.remote_addr):
        return _page("尝试次数过多，请 5 分钟后再试。忘记密码请联系本单位管理员。", login), 429
    with runtime().reading() as session:
        account = sign_in(session, login, request.form.get("password", "")[:200])
        actor = actor_of(session, account.id) if account else None
    if account is None or actor is None:
        throttle.note_failure(login, request.remote_addr)
        return _page("登录名或密码不正确，请重新输入。", login), 422
    throttle.forget(login)
    if actor.kind != "staff" and identity.local_accounts_only_for_staff():
        return _page(_STAFF_ONLY, login), 403
    take_in(account.id)
    if account.temporary:
        browser_session[_TEMPORARY] = True
    return redirect(_wanted())


def take_in(account_id: UUID) -> Actor | None:
    """Sign an account in; ``None`` when it was disabled.

    A session begun before is not carried over, except that its owner came from the portal.
    """
    with runtime().reading() as session:
        actor = actor_of(session, account_id)
    if actor is None:
        return None
    came = portal.take_along()
    browser_session.clear()
    browser_session.update(came)
    login_user(SignedIn(actor, "session"))
    return actor


@pages.get("/password")
def password() -> ResponseReturnValue:
    """Ask for a password of one's own."""
    return render_template("account/password.html", errors={}, first=_TEMPORARY in browser_session)


@pages.post("/password")
def new_password() -> ResponseReturnValue:
    """Change the password."""
    try:
        change_password(
            runtime(),
            current_user.actor,
            request.form.get("old", "")[:200],
            request.form.get("new", "")[:201],
        )
    except Invalid as error:
        first = _TEMPORARY in browser_session
        return render_template("account/password.html", errors=error.errors, first=first), 422
    browser_session.pop(_TEMPORARY, None)
    flash("密码已修改，下次请用新密码登录。", "success")
    return redirect("/")


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
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
        wanted=request.values.get("next", ""),
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


def _wanted() -> str:
    """The page asked for before signing in; only ever one of ours."""
    wanted = request.form.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours and wanted.isprintable() else "/"


def _from_session(account_id: str) -> SignedIn | None:
    try:
        known = UUID(account_id)
    except ValueError:
        return None
    with runtime().reading() as session:
        actor = actor_of(session, known)
    return SignedIn(actor, "session") if actor else None


def _own_password_first() -> ResponseReturnValue | None:
    """Whoever came in with a password somebody else knows chooses one before anything else."""
    if not current_user.is_authenticated or _TEMPORARY not in browser_session:
        return None
    if request.endpoint in _FIRST:
        return None
    if request.path.startswith("/api/"):
        abort(403)
    return redirect("/password")
