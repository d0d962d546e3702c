"""What a command needs of the world: database, clock, keys, releases, calendars, queue.

One is made where the program is wired (web, worker, command line, scenario) and passed to every
command. There is no global state behind it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from engine.calendar import WorkCalendar
from engine.clock import Clock
from engine.jobs import JobQueue
from engine.operations import OperationRegister
from engine.packs.release import ReleaseShelf
from engine.scope import commanding
from engine.sealing import Keyring

#: waits in seconds before the second, third … attempt at an agency; then an incident
BACKOFF = (10, 30, 60, 120, 300, 600, 900, *([1800] * 12))


@dataclass(frozen=True)
class Runtime:
    """Everything a command may touch.

    Args:
        readers: sessions for queries; ``sessions`` if left out.
    """

    sessions: sessionmaker[Session]
    clock: Clock
    keyring: Keyring
    operations: OperationRegister
    releases: ReleaseShelf
    calendars: Mapping[str, WorkCalendar]
    queue: JobQueue
    backoff: tuple[int, ...] = BACKOFF
    readers: sessionmaker[Session] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: commits at the end of the block, rolls back when it raises."""
        with commanding(True), self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only."""
        with commanding(False), (self.readers or self.sessions)() as session:
            yield session
