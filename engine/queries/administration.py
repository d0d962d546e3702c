"""What an administrator looks after: agencies, releases, units, accounts, timers, service calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from engine.access import Actor
from engine.administered import administered, in_reach
from engine.models import (
    Account,
    AgencySetting,
    Case,
    RegionActivation,
    Release,
    RoleGrant,
    ServiceCall,
    Timer,
    Unit,
)
from engine.runtime import Runtime


@dataclass(frozen=True)
class ReleaseLine:
    """A release: when it was made, whether new cases begin with it, and how many live on it.

    ``blanks``: what is to be filled in before it may go live (NX-091), of each region's newest.
    """

    release: Release
    active_from: datetime | None
    is_active: bool
    running: int
    blanks: Sequence[str] = ()


@dataclass(frozen=True)
class AccountLine:
    """An account with its roles and its unit."""

    account: Account
    roles: Sequence[str]
    unit: str


@dataclass(frozen=True)
class CallList:
    """One page of service calls with their case numbers; ``after`` leads to the next page."""

    rows: Sequence[tuple[ServiceCall, str]]
    after: str


def agencies(runtime: Runtime, actor: Actor) -> Sequence[AgencySetting]:
    """List the agencies of the actor's regions with their live settings."""
    with runtime.reading() as session:
        return session.scalars(
            select(AgencySetting)
            .where(AgencySetting.region.in_(administered(actor)))
            .order_by(AgencySetting.region, AgencySetting.agency)
        ).all()


def releases(runtime: Runtime, actor: Actor | None = None) -> list[ReleaseLine]:
    """List the releases of the actor's regions (all regions without an actor), newest first."""
    with runtime.reading() as session:
        query = select(Release).order_by(Release.created_at.desc(), Release.id)
        if actor is not None:
            query = query.where(Release.region.in_(administered(actor)))
        activations = session.scalars(
            select(RegionActivation).order_by(RegionActivation.active_from, RegionActivation.id)
        ).all()
        since = {one.release_id: one.active_from for one in activations}
        now = runtime.clock.now()
        active = {one.region: one.release_id for one in activations if one.active_from <= now}
        running: Mapping[str, int] = dict(
            session.execute(
                select(Case.release_id, func.count())
                .where(Case.status == "running")
                .group_by(Case.release_id)
            ).all()
        )
        found = session.scalars(query).all()
        newest = {one.region: one.id for one in reversed(found)}
        return [
            ReleaseLine(
                one,
                since.get(one.id),
                active.get(one.region) == one.id,
                running.get(one.id, 0),
                runtime.releases.get(session, one.id).config.to_fill
                if newest[one.region] == one.id
                else (),
            )
            for one in found
        ]


def units(runtime: Runtime, *, limit: int = 500) -> Sequence[Unit]:
    """List the units on record by name."""
    with runtime.reading() as session:
        return session.scalars(select(Unit).order_by(Unit.name).limit(limit)).all()


def accounts(
    runtime: Runtime, actor: Actor | None = None, *, limit: int = 500
) -> list[AccountLine]:
    """List the accounts an administrator looks after by login, with their roles and their unit.

    Without an actor: all of them.
    """
    query = (
        select(Account, Unit.name)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .order_by(Account.kind.desc(), Account.login)
        .limit(limit)
    )
    granted = select(RoleGrant).order_by(RoleGrant.role)
    if actor is not None:
        query = query.where(in_reach(actor))
        granted = granted.where(RoleGrant.region.in_(administered(actor)))
    with runtime.reading() as session:
        roles: dict[UUID, list[str]] = {}
        for grant in session.scalars(granted):
            roles.setdefault(grant.account_id, []).append(grant.role)
        return [
            AccountLine(account, roles.get(account.id, ()), unit or "")
            for account, unit in session.execute(query)
        ]


def next_timers(
    runtime: Runtime, actor: Actor | None = None, *, limit: int = 10
) -> Sequence[tuple[Timer, str]]:
    """List what will happen next by itself, with case numbers, earliest first.

    In the actor's regions; in all of them without an actor.
    """
    query = (
        select(Timer, Case.no)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.fired_at.is_(None))
        .order_by(Timer.due_at)
        .limit(limit)
    )
    if actor is not None:
        query = query.where(Case.region.in_(administered(actor)))
    with runtime.reading() as session:
        return session.execute(query).all()


def service_calls(
    runtime: Runtime, actor: Actor, *, state: str = "", after: str = "", size: int = 50
) -> CallList:
    """List the service calls of the actor's regions, newest first."""
    query = (
        select(ServiceCall, Case.no)
        .join(Case, Case.id == ServiceCall.case_id)
        .where(ServiceCall.region.in_(administered(actor)))
        .order_by(ServiceCall.id.desc())
    )
    if state:
        query = query.where(ServiceCall.state == state)
    if after:
        try:
            query = query.where(ServiceCall.id < UUID(after))
        except ValueError:
            return CallList((), "")  # a made-up cursor has no next page
    with runtime.reading() as session:
        rows = session.execute(query.limit(size + 1)).all()
    more = len(rows) > size
    return CallList(rows[:size], str(rows[size - 1][0].id) if more else "")
