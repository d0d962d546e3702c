"""科室: whom a supervisor looks after, and who may work in somebody's place."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.access import SUPERVISORS, Actor
from engine.colleagues import Colleague, colleagues
from engine.models import Account, RoleGrant


def supervised(actor: Actor) -> list[tuple[str, str]]:
    """The regions and offices whose work the actor looks after; no office: all of the region."""
    led = {(one.region, one.office) for one in actor.grants if one.role in SUPERVISORS}
    whole = {region for region, office in led if not office}
    return sorted(one for one in led if not one[1] or one[0] not in whole)


def team(session: Session, actor: Actor) -> list[Colleague]:
    """Active staff who work where the actor supervises, by name."""
    led = supervised(actor)
    if actor.kind != "staff" or not led:
        return []
    works = select(RoleGrant.account_id).where(or_(*(_in(*one) for one in led)))
    found = session.execute(
        select(Account.id, Account.name, Account.office)
        .where(Account.active, Account.kind == "staff", Account.id.in_(works))
        .order_by(Account.name, Account.office, Account.id)
    )
    return [Colleague(*row) for row in found]


def stand_ins(session: Session, account_id: UUID) -> list[Colleague]:
    """Who holds one of an account's roles for the same office, or one above it."""
    rows = session.execute(
        select(RoleGrant.region, RoleGrant.office, RoleGrant.role).where(
            RoleGrant.account_id == account_id
        )
    )
    roles: dict[tuple[str, str], set[str]] = {}
    for region, office, role in rows:
        roles.setdefault((region, office), set()).add(role)
    found = {
        one
        for (region, office), held in roles.items()
        for one in colleagues(session, region, held, office or None)
        if one.id != account_id
    }
    return sorted(found, key=lambda one: (one.name, one.office, one.id))


def _in(region: str, office: str) -> ColumnElement[bool]:
    here = RoleGrant.region == region
    return and_(here, RoleGrant.office == office) if office else here
