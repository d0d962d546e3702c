"""个人信息处理登记: the registers of the regions somebody administers."""

from engine.access import Actor
from engine.errors import NotFound
from engine.packs.release import LoadedRelease
from engine.queries.regions import active_releases
from engine.runtime import Runtime


def registered_regions(runtime: Runtime, actor: Actor) -> list[LoadedRelease]:
    """The releases in use of the regions the actor administers."""
    return [one for one in active_releases(runtime) if actor.holds("admin", one.config.code)]


def registered_region(runtime: Runtime, actor: Actor, region: str) -> LoadedRelease:
    """The release in use of a region; raises ``NotFound``, also when the actor has no say there."""
    for release in registered_regions(runtime, actor):
        if release.config.code == region:
            return release
    raise NotFound("没有这个地区，或不由您管理。")
