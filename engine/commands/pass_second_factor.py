"""Signing in, second part: a code of the telephone, or a recovery code."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.models import Account, RecoveryCode, SignInSession
from engine.operators import note
from engine.runtime import Runtime
from engine.second_factor import locked_factor, proves
from engine.sign_in_sessions import Browser, begin, id_of
from engine.tries import CODE, count_tries, forget_tries, in_words, seconds_shut


@dataclass(frozen=True)
class Passed:
    """What came of a code. ``token`` of the new session, if it was right; else what was not.

    ``codes_left``: recovery codes left, when one was used.
    """

    account_id: UUID | None = None
    token: str = ""
    shut: int = 0
    codes_left: int | None = None


def awaited_account(runtime: Runtime, token: str) -> UUID | None:
    """Whose second factor a token waits for; ``None``: it has waited too long, or never did."""
    with runtime.reading() as session:
        account = _awaited(session, token)
        return account.id if account else None


def pass_second_factor(
    runtime: Runtime, waiting: str, typed: str, browser: Browser, lasts: timedelta
) -> Passed:
    """Turn a session that waits into a real one, under a new token.

    Args:
        waiting: token of ``await_second_factor``. It counts until a code was right.
        typed: six digits, or a recovery code; spaces and hyphens do not matter.
        browser, lasts: see ``engine.sign_in_sessions.begin``.
    """
    with runtime.transaction() as session:
        account = _awaited(session, waiting)
        if account is None:
            return Passed()
        locked_factor(session, account)  # of several at once, each sees what the last one counted
        tried = (CODE, str(account.id))
        shut = seconds_shut(session, runtime.keyring, tried)
        if shut:
            return Passed(account.id, shut=shut)
        proof = proves(runtime, session, account, typed)
        if not proof:
            if count_tries(session, runtime.keyring, tried):
                _note_lock(runtime, session, account)
            return Passed(account.id)
        forget_tries(session, runtime.keyring, tried)
        session.execute(delete(SignInSession).where(SignInSession.id == id_of(waiting)))
        token = begin(session, account.id, browser, "password", lasts, second_factor=True)
        left = _codes_left(runtime, session, account) if proof == "recovery" else None
        return Passed(account.id, token, codes_left=left)


def _awaited(session: Session, token: str) -> Account | None:
    return session.scalar(
        select(Account)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(
            SignInSession.id == id_of(token),
            SignInSession.waiting,
            SignInSession.revoked_at.is_(None),
            SignInSession.ends_at > func.now(),
            Account.active,
            Account.second_factor_at.is_not(None),
        )
    )


def _codes_left(runtime: Runtime, session: Session, account: Account) -> int:
    left = session.scalar(select(func.count()).where(RecoveryCode.account_id == account.id)) or 0
    title = f"{account.name}用恢复码登录，还剩 {left} 个"
    note(runtime, session, account, "factor", account.name, title)
    return left


def _note_lock(runtime: Runtime, session: Session, account: Account) -> None:
    title = f"{account.name}的验证码连续输错 {CODE.most} 次，锁定 {in_words(CODE.seconds)}"
    note(runtime, session, account, "locked", "系统", title)
