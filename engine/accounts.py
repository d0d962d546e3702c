"""Accounts: signing in, and who an account is when it acts."""

from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.models import Account, PersonFile, RoleGrant

_hasher = PasswordHasher()
# verified against when nobody has the login, so that the answer takes as long
_nobody = _hasher.hash("nobody")


def add_account(
    session: Session,
    login: str,
    name: str,
    password: str,
    kind: str,
    *,
    office: str = "",
    unit_id: UUID | None = None,
    person_id: UUID | None = None,
    grants: tuple[tuple[str, str], ...] = (),
) -> Account:
    """Create an account with its (role, region) grants."""
    account = Account(
        login=login,
        name=name,
        password_hash=_hasher.hash(password),
        kind=kind,
        office=office,
        unit_id=unit_id,
        person_id=person_id,
    )
    session.add(account)
    session.flush()
    session.add_all(
        RoleGrant(account_id=account.id, role=role, region=region) for role, region in grants
    )
    return account


def sign_in(session: Session, login: str, password: str) -> Account | None:
    """Return the active account with this login and password, or ``None``."""
    account = session.scalar(select(Account).where(Account.login == login, Account.active))
    try:
        _hasher.verify(account.password_hash if account else _nobody, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return account


def actor_of(session: Session, account_id: UUID) -> Actor | None:
    """Read an account as an actor with its present rights; ``None`` when it was disabled."""
    account = session.get(Account, account_id)
    if account is None or not account.active:
        return None
    grants = session.execute(
        select(RoleGrant.role, RoleGrant.region).where(RoleGrant.account_id == account_id)
    )
    files = (
        session.scalars(select(PersonFile.id).where(PersonFile.person_id == account.person_id))
        if account.person_id
        else ()
    )
    return Actor(
        account_id=account.id,
        name=f"{account.name}（{account.office}）" if account.office else account.name,
        kind=account.kind,
        grants=frozenset(grants),
        unit_id=account.unit_id,
        files=frozenset(files),
    )
