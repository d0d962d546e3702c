"""Putting a ``Runtime`` together from settings: used by web, worker and command line only."""

from pathlib import Path

from procrastinate import App
from sqlalchemy.orm import sessionmaker

from engine.calendars import Calendars
from engine.clock import Clock, SystemClock
from engine.commands.activate_release import activate_release, may_go_live
from engine.database import Purpose, connect, conninfo
from engine.demo_clock import DemoClock
from engine.errors import CannotStart
from engine.jobs import Connector, ProcrastinateQueue
from engine.models import Release
from engine.operations import operations
from engine.packs.pack import manifest, read_pack
from engine.packs.release import (
    ReleaseShelf,
    active_release,
    publish,
    release_id_of,
    seed_agencies,
    seed_offices,
)
from engine.runtime import Runtime
from engine.sealing import Keyring
from engine.settings import Settings
from engine.starts import schedule_starts

#: The folder that holds ``processes/`` and ``forms/``.
PACKS = Path(__file__).parent.parent


def make_queue_app(settings: Settings) -> App:
    """The job queue's application: the same for those who defer and those who work."""
    if settings.database_url is None:
        raise CannotStart("缺少数据库地址。（no database address）")
    return App(connector=Connector(conninfo=conninfo(settings.database_url)))


def make_runtime(
    settings: Settings, purpose: Purpose, *, app: App | None = None, pool_size: int = 5
) -> Runtime:
    """Make the runtime of one process. ``handlers`` must have been imported to be of any use.

    Args:
        settings: with the database address filled in (``prepare_database``).
        app: the queue's application, when the caller works jobs too.
    """
    if settings.database_url is None:
        raise CannotStart("缺少数据库地址。（no database address）")
    engine = connect(settings.database_url, purpose, pool_size=pool_size)
    sessions = sessionmaker(engine, expire_on_commit=False)
    # a query needs no transaction: two round trips less for every page and every sign-in
    reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    clock: Clock = DemoClock(sessions) if settings.demo else SystemClock()
    readers = sessionmaker(reading, expire_on_commit=False)
    return Runtime(
        sessions=sessions,
        readers=readers,
        clock=clock,
        keyring=Keyring(settings.master_key, settings.index_key, settings.cipher),
        operations=operations,
        releases=ReleaseShelf(),
        calendars=Calendars(PACKS / "processes" / "calendar", readers),
        queue=ProcrastinateQueue(app or make_queue_app(settings)),
    )


def publish_packs(runtime: Runtime, endpoint: str, root: Path = PACKS) -> list[str]:
    """Publish every region's pack, and let new cases begin with those that are new here.

    A pack that was published before is left alone: whoever activated another release since then
    meant it.

    Args:
        endpoint: address of the agencies' system for agencies set up for the first time.

    Returns:
        The release ids, by region.

    Raises:
        PackInvalid: a pack has mistakes; nothing of it was published.
    """
    published = []
    for region in sorted(path.parent.name for path in root.glob("processes/*/region.toml")):
        pack = read_pack(root, region)
        with runtime.transaction() as session:
            now = runtime.clock.now()
            known = session.get(Release, release_id_of(manifest(pack))) is not None
            release_id = publish(session, pack, runtime.operations, now)
            if not known and may_go_live(runtime, pack.config):
                release = runtime.releases.get(session, release_id)
                activate_release(runtime, session, release, now, endpoint)
            published.append(release_id)
            if active_release(session, region, now) is None:
                continue  # blanks are to be filled in first
            active = runtime.releases.active(session, region, now)
            seed_agencies(session, active.config, endpoint)
            seed_offices(session, active.config)
            schedule_starts(runtime, session, active)
    return published
