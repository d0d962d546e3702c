"""Where an account is signed in, and whether it is locked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from engine.access import Actor
from engine.administered import administered_account
from engine.models import Account, AccountEvent, ApiKey, SignInSession
from engine.runtime import Runtime
from engine.tries import CODE, LOGIN, seconds_shut


@dataclass(frozen=True)
class AccountPage:
    """What an administrator sees of an account; ``shut``: seconds until it is unlocked."""

    account: Account
    sessions: Sequence[SignInSession]
    keys: Sequence[ApiKey]
    shut: int
    events: Sequence[AccountEvent]


def sessions_of(
    runtime: Runtime, account_id: UUID | None, idle: Callable[[str], timedelta]
) -> Sequence[SignInSession]:
    """List the living sessions of an account, last seen first."""
    with runtime.reading() as session:
        kind = session.scalar(select(Account.kind).where(Account.id == account_id)) or ""
        return session.scalars(
            select(SignInSession)
            .where(
                SignInSession.account_id == account_id,
                SignInSession.revoked_at.is_(None),
                SignInSession.ends_at > func.now(),
                SignInSession.seen_at >= func.now() - idle(kind),
                ~SignInSession.waiting,
            )
            .order_by(SignInSession.seen_at.desc(), SignInSession.begun_at.desc())
        ).all()


def keys_of(runtime: Runtime, account_id: UUID | None) -> Sequence[ApiKey]:
    """List the keys for programs that still open something, newest first."""
    with runtime.reading() as session:
        return session.scalars(
            select(ApiKey)
            .where(
                ApiKey.account_id == account_id,
                ApiKey.revoked_at.is_(None),
                ApiKey.ends_at > func.now(),
            )
            .order_by(ApiKey.made_at.desc())
        ).all()


def account_page(
    runtime: Runtime, account_id: UUID, actor: Actor, idle: Callable[[str], timedelta]
) -> AccountPage:
    """Read how an account stands, for an administrator.

    Raises:
        NotFound: no account of the administrator's regions.
    """
    with runtime.reading() as session:
        account = administered_account(session, actor, account_id)
        tried = ((LOGIN, account.login), (CODE, str(account.id)))
        shut = seconds_shut(session, runtime.keyring, *tried)
        events = session.scalars(
            select(AccountEvent)
            .where(AccountEvent.account_id == account_id)
            .order_by(AccountEvent.at.desc(), AccountEvent.id.desc())
            .limit(20)
        ).all()
    return AccountPage(
        account,
        sessions_of(runtime, account_id, idle),
        keys_of(runtime, account_id),
        shut,
        events,
    )
