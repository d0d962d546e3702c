"""一个账号: where it is signed in, whether it is locked, and what an administrator may do then."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.commands.end_api_keys import end_api_keys_of_account
from engine.commands.end_sessions import end_sessions_of_account
from engine.commands.reset_second_factor import reset_second_factor
from engine.commands.unlock_account import unlock_account
from engine.errors import Conflict
from engine.queries.sign_in_sessions import account_page
from engine.tries import in_words
from webapp.context import actor, runtime, settings
from webapp.devices import origins


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    one = "/people/<uuid:account_id>"
    pages.add_url_rule(one, "account", show)
    pages.add_url_rule(f"{one}/unlock", "unlock", unlock, methods=["POST"])
    pages.add_url_rule(f"{one}/sign-out", "sign_out", sign_out, methods=["POST"])
    pages.add_url_rule(f"{one}/end-keys", "end_keys", end_keys, methods=["POST"])
    pages.add_url_rule(f"{one}/reset-factor", "reset_factor", reset_factor, methods=["POST"])


def show(account_id: UUID) -> ResponseReturnValue:
    """Show an account of one's region."""
    found = account_page(runtime(), account_id, actor(), settings().idle)
    return render_template(
        "administrator/account.html",
        found=found,
        wait=in_words(found.shut) if found.shut else "",
        origins=origins(),
        own=account_id == actor().account_id,
        asked=settings().asks_second_factor(found.account.kind),
    )


def unlock(account_id: UUID) -> ResponseReturnValue:
    """Let somebody try again."""
    try:
        unlock_account(runtime(), account_id, actor())
    except Conflict as error:
        flash(error.message, "warning")
    else:
        flash("已解除锁定，可以重新登录。", "success")
    return _back(account_id)


def sign_out(account_id: UUID) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    ended = end_sessions_of_account(runtime(), account_id, actor())
    flash(f"已退出 {ended} 台设备。", "success")
    return _back(account_id)


def end_keys(account_id: UUID) -> ResponseReturnValue:
    """End all keys of somebody's programs."""
    ended = end_api_keys_of_account(runtime(), account_id, actor())
    flash(f"已停用 {ended} 个接口密钥。", "success")
    return _back(account_id)


def reset_factor(account_id: UUID) -> ResponseReturnValue:
    """Take a lost telephone's factor away."""
    try:
        reset_second_factor(runtime(), account_id, actor())
    except Conflict as error:
        flash(error.message, "warning")
    else:
        flash("二次验证已重置，本人下次登录时重新设置。", "success")
    return _back(account_id)


def _back(account_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("administrator.account", account_id=account_id))
