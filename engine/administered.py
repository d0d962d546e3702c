"""What an administrator looks after: whole regions, and the accounts that belong there."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Conflict, NotFound
from engine.models import Account, Case, PersonFile, RoleGrant


def administered(actor: Actor) -> list[str]:
    """The regions the actor administers: as a whole, never for one office."""
    return sorted(region for region in actor.regions if actor.holds("admin", region))


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """Which accounts an administrator looks after, as a condition on ``account``.

    Staff belong to the regions they hold roles in, retirees to those with a file of theirs, units
    to those with a file or a case of theirs.
    """
    regions = administered(actor)
    works = exists().where(RoleGrant.account_id == Account.id, RoleGrant.region.in_(regions))
    own_file = exists().where(
        PersonFile.person_id == Account.person_id, PersonFile.region.in_(regions)
    )
    file = exists().where(
        or_(
            PersonFile.unit_id == Account.unit_id,
            PersonFile.custodian_id == Account.unit_id,
        ),
        PersonFile.region.in_(regions),
    )
    case = exists().where(Case.unit_id == Account.unit_id, Case.region.in_(regions))
    return or_(
        and_(Account.kind == "staff", works),
        and_(Account.kind == "person", own_file),
        and_(Account.kind == "unit", or_(file, case)),
    )


def administered_account(session: Session, actor: Actor, account_id: UUID) -> Account:
    """Return an account of the administrator's regions.

    Raises:
        NotFound: no such account, or another region's.
    """
    account = session.scalar(select(Account).where(Account.id == account_id, in_reach(actor)))
    if account is None:
        raise NotFound
    return account


def other_account(session: Session, actor: Actor, account_id: UUID) -> Account:
    """Like ``administered_account``, but never the administrator's own.

    Raises:
        NotFound: see there.
        Conflict: their own: what protects an account is not lifted by whoever sits before it.
    """
    if account_id == actor.account_id:
        raise Conflict("不能对自己的账号这样操作，请由其他管理员办理。")
    return administered_account(session, actor, account_id)
