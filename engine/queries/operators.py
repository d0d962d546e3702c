"""经办人: the accounts of a unit and of those below it, and what was done to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.access import Actor
from engine.models import Account, AccountEvent, Unit
from engine.operators import require_unit_admin
from engine.queries.regions import active_releases
from engine.runtime import Runtime

SHOWN = 50


@dataclass(frozen=True)
class Operators:
    """What the page shows.

    Args:
        accounts: with the unit each works for, administrators first.
        units: the administrator's unit first, then those below it.
        processes: ``region/process`` → title, of what the unit may begin at all.
        events: the latest first.
    """

    accounts: Sequence[tuple[Account, Unit]]
    units: Sequence[Unit]
    processes: Mapping[str, str]
    events: Sequence[AccountEvent]


def operators(runtime: Runtime, actor: Actor) -> Operators:
    """Read the operators of an administrator's unit and of the units below it.

    Raises:
        Forbidden: the actor is no administrator of a unit.
    """
    require_unit_admin(actor)
    with runtime.reading() as session:
        units = session.scalars(select(Unit).where(Unit.id.in_(actor.units)).order_by(Unit.name))
        rows = session.execute(
            select(Account, Unit)
            .join(Unit, Unit.id == Account.unit_id)
            .where(Account.unit_id.in_(actor.units), Account.kind == "unit")
            .order_by(Account.unit_admin.desc(), Account.active.desc(), Unit.name, Account.login)
        ).all()
        events = session.scalars(
            select(AccountEvent)
            .where(AccountEvent.unit_id.in_(actor.units))
            .order_by(AccountEvent.at.desc(), AccountEvent.id.desc())
            .limit(SHOWN)
        ).all()
        return Operators(
            accounts=[(account, unit) for account, unit in rows],
            units=sorted(units, key=lambda unit: unit.id != actor.unit_id),
            processes=offered_processes(runtime, actor),
            events=events,
        )


def offered_processes(runtime: Runtime, actor: Actor) -> dict[str, str]:
    """``region/process`` → title of all that a unit like the actor's may begin."""
    found = {}
    releases = active_releases(runtime)
    for release in releases:
        config = release.config
        for process, rule in config.processes.items():
            if actor.entry in rule.entries:
                title = f"{rule.title}（{config.short_title}）" if len(releases) > 1 else rule.title
                found[f"{config.code}/{process}"] = title
    return found
