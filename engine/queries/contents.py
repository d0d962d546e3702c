"""公开内容: what somebody keeps, with all its versions; and what applicants of a process read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.clock import office_date
from engine.contents import Content, content_of, contents_of
from engine.errors import NotFound
from engine.models import ContentVersion
from engine.packs.region import ContentRule, RegionConfig
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class Kept:
    """A content somebody keeps: what counts today, and every version, the newest first."""

    config: RegionConfig
    rule: ContentRule
    now: Content
    versions: Sequence[tuple[ContentVersion, Content]] = ()


def kept_contents(runtime: Runtime, actor: Actor) -> list[Kept]:
    """List the contents whose role the actor holds."""
    today = office_date(runtime.clock.now())
    found = []
    for config in (release.config for release in active_releases(runtime)):
        mine = {k: r for k, r in config.contents.items() if actor.holds(r.role, config.code)}
        if mine:
            with runtime.reading() as session:
                now = contents_of(session, config, today)
            found += [Kept(config, rule, now[key]) for key, rule in mine.items()]
    return found


def kept_content(runtime: Runtime, region: str, key: str, actor: Actor) -> Kept:
    """One of them with its versions; raises ``NotFound``."""
    for one in kept_contents(runtime, actor):
        if (one.config.code, one.now.key) == (region, key):
            break
    else:
        raise NotFound
    with runtime.reading() as session:
        rows = session.scalars(
            select(ContentVersion)
            .where(ContentVersion.region == region, ContentVersion.key == key)
            .order_by(ContentVersion.version.desc())
        ).all()
    versions = [(row, content_of(one.rule, row)) for row in rows]
    return Kept(one.config, one.rule, one.now, versions)


def contents_for(
    runtime: Runtime, session: Session, config: RegionConfig, process: str
) -> list[Content]:
    """What applicants of a process are told today."""
    if not any(process in rule.processes for rule in config.contents.values()):
        return []
    found = contents_of(session, config, office_date(runtime.clock.now()))
    return [one for key, one in found.items() if process in config.contents[key].processes]
