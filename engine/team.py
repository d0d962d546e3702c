"""科室: whom a supervisor looks after, and who may work in somebody's place."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import SUPERVISORS, Actor, Grant, leads
from engine.colleagues import Colleague, colleagues
from engine.models import Account, RoleGrant


def supervised(actor: Actor, roles: Collection[str]) -> frozenset[Grant]:
    """Which of some roles the actor looks after, and where; no office: in all of the region."""
    return frozenset(
        Grant(role, own.region, own.office)
        for own in actor.grants
        if own.role in SUPERVISORS
        for role in SUPERVISORS[own.role] or roles
    )


def team(session: Session, actor: Actor) -> list[Colleague]:
    """Active staff whose whole work the actor looks after, by name.

    Who also works elsewhere, or in a role of others, is not theirs to speak for.
    """
    led = {one.region for one in actor.grants if one.role in SUPERVISORS}
    if actor.kind != "staff" or not led:
        return []
    near = select(RoleGrant.account_id).where(RoleGrant.region.in_(led))
    rows = session.execute(
        select(Account.id, Account.name, Account.office, RoleGrant)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(Account.active, Account.kind == "staff", Account.id.in_(near))
        .order_by(Account.name, Account.office, Account.id)
    )
    found: dict[Colleague, bool] = {}
    for account_id, name, office, held in rows:
        grant = Grant(held.role, held.region, held.office)
        one = Colleague(account_id, name, office)
        found[one] = found.get(one, True) and leads(actor, grant)
    return [one for one, whole in found.items() if whole]


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
