"""名册导入: what an account may take in, and what was taken in before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.access import Actor
from engine.models import Upload
from engine.packs.region import RegionConfig, RosterRule
from engine.queries.regions import active_releases, startable
from engine.rosters import Roster, may_take_in, roster_of
from engine.runtime import Runtime


@dataclass(frozen=True)
class RosterPage:
    """A roster with the tables the actor took in, newest first."""

    roster: Roster
    uploads: Sequence[Upload]


def rosters(runtime: Runtime, actor: Actor) -> list[tuple[RegionConfig, str, RosterRule]]:
    """The rosters the actor may take in: region, code and rule.

    What an employer applies for, it does where its people are.
    """
    open_to = {
        (config.code, process)
        for config, process, _ in startable(runtime, actor, everywhere=False)
        if actor.kind == "unit"
    }
    return [
        (release.config, code, rule)
        for release in active_releases(runtime)
        for code, rule in release.config.rosters.items()
        if may_take_in(actor, release.config, rule)
        and (not rule.applies or (release.config.code, rule.applies) in open_to)
    ]


def roster_page(runtime: Runtime, region: str, code: str, actor: Actor) -> RosterPage:
    """One roster.

    Raises:
        NotFound: no such roster, or not the actor's.
    """
    with runtime.reading() as session:
        roster = roster_of(runtime, session, region, code, actor)
        mine = session.scalars(
            select(Upload)
            .where(
                Upload.purpose == roster.purpose,
                Upload.region == region,
                Upload.ref == code,
                Upload.uploaded_by == actor.account_id,
            )
            .order_by(Upload.id.desc())
            .limit(50)
        ).all()
    kept = [one for one in mine if one.confirmed_at is not None or one.finished_at is None]
    return RosterPage(roster, kept)
