"""Choosing a password of one's own."""

from sqlalchemy import select

from engine.access import Actor
from engine.accounts import hash_password, sign_in
from engine.errors import Forbidden, Invalid
from engine.models import Account
from engine.operators import note
from engine.runtime import Runtime
from engine.sign_in_sessions import end_sessions_of

SHORTEST = 12


def change_password(
    runtime: Runtime, actor: Actor, old: str, new: str, *, keep: bytes | None = None
) -> None:
    """Replace the actor's password, e.g. a temporary one that somebody else knows.

    Whoever else is signed in with the old one is not any more.

    Args:
        keep: the session it is changed in.

    Raises:
        Invalid: the old one is wrong, or the new one too short or the same.
    """
    if not SHORTEST <= len(new) <= 200:
        raise Invalid(errors={"new": f"新密码应不少于 {SHORTEST} 位。"})
    if new == old:
        raise Invalid(errors={"new": "新密码不能与原密码相同。"})
    with runtime.transaction() as session:
        account = session.scalar(select(Account).where(Account.id == actor.account_id))
        if account is None:
            raise Forbidden
        if sign_in(session, account.login, old) is None:
            raise Invalid(errors={"old": "原密码不正确。"})
        account.password_hash, account.temporary = hash_password(new), False
        end_sessions_of(session, account.id, but=keep)
        note(runtime, session, account, "password", actor.name, f"{account.name}修改了密码")
