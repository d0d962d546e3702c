"""Letting new cases of a region begin with a release, now or from a later day on."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.demo_clock import DemoClock
from engine.errors import Conflict
from engine.file_timers import reschedule_files
from engine.packs.region import RegionConfig
from engine.packs.release import LoadedRelease, activate, seed_agencies, seed_offices
from engine.runtime import Runtime


def activate_release(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    active_from: datetime,
    endpoint: str = "",
) -> None:
    """Activate a release with all that hangs on it; live cases keep the one they began with.

    The processes that begin by themselves, and the timers of all person files, are worked out
    anew by the worker as soon as the release is active.

    Args:
        active_from: aware; now or later.
        endpoint: address of agencies that have no settings yet.

    Raises:
        Conflict: the document left places blank that nobody has filled in (NX-091); do not retry.
    """
    region = release.config.code
    if not may_go_live(runtime, release.config):
        blanks = "、".join(release.config.to_fill)
        raise Conflict(f"{release.config.title}启用前须在 region.toml 中填写：{blanks}。")
    activate(session, region, release.id, active_from)
    later = active_from > runtime.clock.now()
    seed_agencies(session, release.config, endpoint, only_new=later)
    seed_offices(session, release.config)
    reschedule_files(session, region, active_from)


def may_go_live(runtime: Runtime, config: RegionConfig) -> bool:
    """Whether cases of a region may begin: nothing is left blank, or this is a demonstration."""
    return not config.to_fill or isinstance(runtime.clock, DemoClock)
