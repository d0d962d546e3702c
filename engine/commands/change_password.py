"""Choosing a password of one's own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import sign_in
from engine.errors import Forbidden, Invalid
from engine.models import Account
from engine.operators import note
from engine.passwords import set_password
from engine.runtime import Runtime
from engine.tries import LOGIN, count_tries, forget_tries, in_words, seconds_shut

SHORTEST = 12


def change_password(
    runtime: Runtime, actor: Actor, old: str, new: str, *, keep: bytes | None = None
) -> None:
    """Replace the actor's password, e.g. a temporary one that somebody else knows.

    Whoever else is signed in with the old one is not any more.

    Args:
        keep: the session it is changed in.

    Raises:
        Invalid: the old one is wrong or was so too often, or the new one is too short or the same.
    """
    if not SHORTEST <= len(new) <= 200:
        raise Invalid(errors={"new": f"新密码应不少于 {SHORTEST} 位。"})
    if new == old:
        raise Invalid(errors={"new": "新密码不能与原密码相同。"})
    with runtime.transaction() as session:
        account = session.scalar(select(Account).where(Account.id == actor.account_id))
        if account is None:
            raise Forbidden
        wrong = _unproved(runtime, session, account, old)
        if not wrong:
            set_password(session, account, new, temporary=False, keep=keep)
            note(runtime, session, account, "password", actor.name, f"{account.name}修改了密码")
    if wrong:
        raise Invalid(errors={"old": wrong})


def _unproved(runtime: Runtime, session: Session, account: Account, old: str) -> str:
    """What is wrong with the old password, in words; a wrong one counts as at the sign-in page."""
    tried = (LOGIN, account.login)
    if shut := seconds_shut(session, runtime.keyring, tried):
        return f"输错次数过多，请 {in_words(shut)}后再试。"
    if sign_in(session, account.login, old) is None:
        count_tries(session, runtime.keyring, tried)
        return "原密码不正确。"
    forget_tries(session, runtime.keyring, tried)
    return ""
