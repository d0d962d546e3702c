"""登录设备: where somebody is signed in, the second factor, and the keys of their programs."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.api_keys import LASTS_DAYS
from engine.commands.end_api_keys import end_api_key
from engine.commands.end_sessions import end_other_sessions, end_own_session
from engine.commands.make_api_key import make_api_key
from engine.errors import Invalid, NotFound
from engine.queries.regions import active_releases
from engine.queries.sign_in_sessions import keys_of, sessions_of
from webapp.context import actor, runtime, settings

pages = Blueprint("devices", __name__, url_prefix="/devices")


@pages.get("/")
def show() -> ResponseReturnValue:
    """List one's own sessions; keys for programs, too, for staff."""
    return _page()


@pages.post("/<session_id>/end")
def end(session_id: str) -> ResponseReturnValue:
    """Sign out there."""
    try:
        end_own_session(runtime(), bytes.fromhex(session_id), actor())
    except (ValueError, NotFound):
        flash("该设备已经退出。", "warning")
    else:
        flash("该设备已退出。", "success")
    return redirect(url_for("devices.show"))


@pages.post("/end-others")
def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    ended = end_other_sessions(runtime(), current_user.present.session_id, actor())
    flash(f"其他 {ended} 台设备已退出。" if ended else "没有其他设备。", "success")
    return redirect(url_for("devices.show"))


@pages.post("/keys")
def make_key() -> ResponseReturnValue:
    """Make a key for a program; it is shown this once."""
    title = request.form.get("title", "")[:61]
    try:
        return _page(made=make_api_key(runtime(), title, actor()))
    except Invalid as error:
        return _page(typed=title, errors=error.errors), 422


@pages.post("/keys/<uuid:key_id>/end")
def end_key(key_id: UUID) -> ResponseReturnValue:
    """End a key."""
    try:
        end_api_key(runtime(), key_id, actor())
    except NotFound as error:
        flash(error.message, "warning")
    else:
        flash("密钥已停用，使用它的程序随即不能再调用接口。", "success")
    return redirect(url_for("devices.show"))


def origins() -> dict[str, str]:
    """What is said of where sessions come from: origin → words."""
    platforms = {
        f"identity/{release.config.code}": release.config.identity.title
        for release in active_releases(runtime())
        if release.config.identity is not None
    }
    return {"password": "本系统账号"} | platforms


def _page(made: str = "", typed: str = "", errors: dict[str, str] | None = None) -> str:
    who = actor()
    return render_template(
        "account/devices.html",
        sessions=sessions_of(runtime(), who.account_id, settings().idle),
        here=current_user.present.session_id,
        origins=origins(),
        idle=int(settings().idle(who.kind).total_seconds()) // 60,
        hours=settings().session_hours,
        keys=keys_of(runtime(), who.account_id) if who.kind == "staff" else None,
        lasts=LASTS_DAYS,
        made=made,
        typed=typed,
        errors=errors or {},
    )
