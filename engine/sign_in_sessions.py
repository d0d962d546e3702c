"""登录会话: a browser somebody is signed in with, from its token to the actor behind it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Interval, func, select, type_coerce, update
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import actor_of
from engine.models import Account, SignInSession

#: ``seen_at`` is written no more often: most requests change nothing.
SEEN_EVERY = timedelta(minutes=1)
#: How long the code of the second factor may be awaited.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Browser:
    """Where somebody signs in, in words: ``Windows · Edge``, ``10.12.3.*``."""

    device: str = ""
    address: str = ""


@dataclass(frozen=True)
class Present:
    """Who a token stands for, and what the session knows beside.

    ``temporary``: came in with a password somebody else knows. ``second_factor``: proved it.
    ``quiet``: long enough unseen that it is worth writing down.
    """

    actor: Actor
    session_id: bytes
    temporary: bool
    second_factor: bool
    quiet: bool


def id_of(token: str) -> bytes:
    """The id of the session a token opens."""
    return sha256(token.encode("utf-8", "replace")).digest()


def begin(
    session: Session,
    account_id: UUID,
    browser: Browser,
    origin: str,
    lasts: timedelta,
    *,
    second_factor: bool = False,
    waiting: bool = False,
) -> str:
    """Begin a session; return its token, which is kept nowhere else.

    Args:
        origin: ``password``, or ``identity/<region>``.
        lasts: how long at most, whatever happens in it.
        second_factor: it was proved just now.
        waiting: for the second factor; opens nothing until then.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            id=id_of(token),
            account_id=account_id,
            origin=origin[:60],
            device=browser.device[:60],
            address=browser.address[:60],
            ends_at=func.now() + lasts,
            waiting=waiting,
            second_factor_at=func.now() if second_factor else None,
        )
    )
    session.flush()
    return token


def find_present(session: Session, token: str, idle: Callable[[str], timedelta]) -> Present | None:
    """Who a token stands for, with their present rights; ``None``: nobody any more.

    Session and account are read in one statement, the rights in those of ``actor_of``.

    Args:
        idle: how long an account of a kind may do nothing.
    """
    row = session.execute(
        select(SignInSession, Account, type_coerce(func.now() - SignInSession.seen_at, Interval))
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.id == id_of(token),
            SignInSession.revoked_at.is_(None),
            SignInSession.ends_at > func.now(),
            ~SignInSession.waiting,
        )
    ).one_or_none()
    if row is None:
        return None
    found, account, unseen = row
    if unseen > idle(account.kind):
        return None
    actor = actor_of(session, account.id)  # finds the account in the session: no statement
    if actor is None:
        return None
    return Present(
        actor,
        found.id,
        temporary=account.temporary and found.origin == "password",
        second_factor=found.second_factor_at is not None,
        quiet=unseen > SEEN_EVERY,
    )


def end_sessions_of(session: Session, account_id: UUID, but: bytes | None = None) -> int:
    """End the sessions of an account, e.g. all but the present one; return how many ended.

    Those that wait for a second factor end, too; they are not counted.
    """
    ended = session.execute(
        update(SignInSession)
        .where(
            SignInSession.account_id == account_id,
            SignInSession.id != (but or b""),
            SignInSession.revoked_at.is_(None),
            SignInSession.ends_at > func.now(),
        )
        .values(revoked_at=func.now())
        .returning(SignInSession.waiting)
    ).scalars()
    return sum(not waiting for waiting in ended)
