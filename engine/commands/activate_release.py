"""Letting new cases of a region begin with a release, now or from a later day on."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.file_timers import reschedule_files
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
    """
    region = release.config.code
    activate(session, region, release.id, active_from)
    later = active_from > runtime.clock.now()
    seed_agencies(session, release.config, endpoint, only_new=later)
    seed_offices(session, release.config)
    reschedule_files(session, region, active_from)
