"""Accounts: signing in, and who an account is when it acts."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.access import Actor, Grant
from engine.models import Account, RoleGrant

_hasher = PasswordHasher()
# verified against when nobody has the login, so that the answer takes as long; fits nothing
_nobody = _hasher.hash(secrets.token_hex())

# who works in an office works for those below it, too
RIGHTS = text(
    """
    with recursive reach as (
      select role, region, office from role_grant where account_id = :account
      union
      select reach.role, reach.region, office.code from reach
        join office on office.region = reach.region and office.parent = reach.office
       where reach.office <> '')
    select role, region, office from reach
    """
)
# a group acts for its subordinates, they not for it (JLG-007, JLG-008)
UNITS = text(
    """
    with recursive below as (
      select id, kind, 0 as depth from unit where id = :unit
      union
      select unit.id, unit.kind, below.depth + 1 from unit join below on unit.parent_id = below.id
       where below.depth < 9)
    select id, kind from below order by depth
    """
)
# by a function of the database: who somebody is, is asked before it is known what they may see
FILES = text("select own_files(:person)")


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
    grants: Iterable[tuple[str, ...]] = (),
    unit_admin: bool = False,
    verified: str = "",
    temporary: bool = False,
) -> Account:
    """Create an account with its grants: (role, region) or (role, region, office).

    Args:
        unit_admin: looks after the operators of its unit (JLG-004).
        verified: how a retiree's identity was made sure of; empty: not yet.
        temporary: somebody else knows the password; it is to be changed at the first sign-in.
    """
    account = Account(
        login=login,
        name=name,
        password_hash=_hasher.hash(password),
        kind=kind,
        office=office,
        unit_id=unit_id,
        person_id=person_id,
        unit_admin=unit_admin,
        verified=verified,
        temporary=temporary,
    )
    session.add(account)
    session.flush()
    session.add_all(RoleGrant(account_id=account.id, **Grant(*grant)._asdict()) for grant in grants)
    return account


def hash_password(password: str) -> str:
    """A password as it is kept."""
    return _hasher.hash(password)


#: Kept where an account has no password: nothing typed fits it.
NO_PASSWORD = "!"  # noqa: S105


def sign_in(session: Session, login: str, password: str) -> Account | None:
    """Return the active account with this login and password, or ``None``.

    An unknown login, a disabled one and one without a password take as long as a wrong password.
    """
    account = session.scalar(
        select(Account).where(
            Account.login == login, Account.active, Account.password_hash != NO_PASSWORD
        )
    )
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
    grants = (
        session.execute(RIGHTS, {"account": account_id}).all() if account.kind == "staff" else ()
    )
    units = session.execute(UNITS, {"unit": account.unit_id}).all() if account.unit_id else ()
    files = session.scalars(FILES, {"person": account.person_id}) if account.person_id else ()
    return Actor(
        account_id=account.id,
        name=f"{account.name}（{account.office}）" if account.office else account.name,
        kind=account.kind,
        grants=frozenset(Grant(*grant) for grant in grants),
        unit_id=account.unit_id,
        unit_kind=units[0].kind if units else "",
        units=frozenset(unit.id for unit in units),
        files=frozenset(files),
        unit_admin=account.unit_admin,
        barred=frozenset(account.barred),
        verified=account.verified,
    )
