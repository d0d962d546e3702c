"""条款: which sentence of a region's documents is fulfilled where, and what proves it."""

from collections.abc import Sequence

from engine.access import Actor
from engine.errors import NotFound
from engine.packs.proof import Traced, kept_proof, trace
from engine.packs.release import LoadedRelease
from engine.queries.regions import active_releases
from engine.runtime import Runtime


def regions_with_clauses(runtime: Runtime, actor: Actor) -> list[LoadedRelease]:
    """The releases in use that know clauses, of the regions the actor works in.

    What a practice region practises is proven by the region itself.
    """
    return [
        release
        for release in active_releases(runtime)
        if release.config.code in actor.regions
        and release.pack.clauses
        and not release.config.practice
    ]


def clauses(runtime: Runtime, actor: Actor, region: str) -> tuple[LoadedRelease, Sequence[Traced]]:
    """Every clause of a region as its active release fulfils and proves it.

    Raises:
        NotFound: no such region, or not the actor's to see, or it knows no clauses.
    """
    for release in regions_with_clauses(runtime, actor):
        if release.config.code == region:
            return release, trace(release.pack, kept_proof(release.pack))
    raise NotFound("没有这个地区的条款。")
