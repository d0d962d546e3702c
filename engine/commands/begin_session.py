"""Signing in: checking a password, and beginning a session."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import sign_in
from engine.models import Account
from engine.operators import note
from engine.runtime import Runtime
from engine.sign_in_sessions import PATIENCE, Browser, begin
from engine.tries import (
    ADDRESS,
    LOGIN,
    Tried,
    count_tries,
    forget_tries,
    in_words,
    of_address,
    seconds_shut,
)


@dataclass(frozen=True)
class Checked:
    """What came of a password: the account, or nobody; ``shut``: seconds to wait before the next.

    With ``shut`` no password was looked at.
    """

    account: Account | None = None
    shut: int = 0


def check_password(runtime: Runtime, login: str, password: str, address: str) -> Checked:
    """Find the account of a login and password, unless it failed too often lately.

    A login nobody has is counted, shut and answered like any other, and takes as long. The login
    tried is kept nowhere but as a keyed hash.

    Args:
        address: where it comes from (``engine.tries.of_address``).
    """
    tried: tuple[Tried, ...] = ((LOGIN, login),)
    tried += of_address(ADDRESS, address)
    with runtime.reading() as session:
        shut = seconds_shut(session, runtime.keyring, *tried)
        if shut:
            return Checked(shut=shut)
        account = sign_in(session, login, password)
    with runtime.transaction() as session:
        if account is not None:
            forget_tries(session, runtime.keyring, tried[0])
        elif count_tries(session, runtime.keyring, *tried):
            _note_lock(runtime, session, login)
    return Checked(account)


def begin_session(
    runtime: Runtime,
    account_id: UUID,
    browser: Browser,
    origin: str,
    lasts: timedelta,
    *,
    second_factor: bool = False,
) -> str:
    """Begin a session of an account; return its token for the browser's cookie.

    Args:
        origin, lasts, second_factor: see ``engine.sign_in_sessions.begin``.
    """
    with runtime.transaction() as session:
        return begin(session, account_id, browser, origin, lasts, second_factor=second_factor)


def await_second_factor(runtime: Runtime, account_id: UUID, browser: Browser) -> str:
    """Begin a session that opens nothing until the second factor is proved; return its token."""
    with runtime.transaction() as session:
        return begin(session, account_id, browser, "password", PATIENCE, waiting=True)


def _note_lock(runtime: Runtime, session: Session, login: str) -> None:
    account = session.scalar(select(Account).where(Account.login == login))
    if account is not None:
        title = f"{account.name}的密码连续输错 {LOGIN.most} 次，锁定 {in_words(LOGIN.seconds)}"
        note(runtime, session, account, "locked", "系统", title)
