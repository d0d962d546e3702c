"""Where stories are played: a database, a region's release, a wire that stays in the process."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import httpx
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from engine.calendar import WorkCalendar
from engine.calendars import NATIONAL
from engine.clock import SettableClock
from engine.commands.store_feedback import store_feedback
from engine.jobs import JobQueue
from engine.models import (
    ServiceCall,
)
from engine.operations import operations
from engine.packs.pack import Pack
from engine.packs.release import ReleaseShelf, publish
from engine.runtime import Runtime
from engine.sealing import Keyring
from handlers.scenario.variation import VariedShelf
from handlers.scenario.visit import Visitor
from handlers.signature import agency_key, verify

SECRET = b"scenario" * 4
AGENCIES = "http://agencies.scenario"
WEB = "http://web.scenario"
#: Where the identity platform is.
PLATFORM = "https://platform.scenario"


class Theatre:
    """A migrated database with the region's pack published once; what is played leaves no trace."""

    def __init__(
        self,
        engine: Engine,
        pack: Pack,
        calendar: WorkCalendar,
        visitor: Visitor | None = None,
    ) -> None:
        self._engine, self._pack, self._calendar = engine, pack, calendar
        self.visitor = visitor
        self._shelf = ReleaseShelf()

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        self._transaction = self._connection.begin()
        try:
            with Session(self._connection, join_transaction_mode="create_savepoint") as session:
                self._release = publish(session, self._pack, operations, datetime.now(UTC))
                session.commit()
        except BaseException:  # a pack with mistakes: there is nothing to play
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._transaction.rollback()
        self._connection.close()

    @contextmanager
    def scene(self) -> Iterator[None]:
        """What happens in the block vanishes at its end."""
        scene = self._connection.begin_nested()
        try:
            yield
        finally:
            scene.rollback()

    def runtime(
        self, clock: SettableClock, queue: JobQueue, parameters: Mapping[str, Any], practice: bool
    ) -> Runtime:
        """The runtime of one story, with its own values of the region's settings."""
        varied = parameters or practice
        shelf = VariedShelf(self._pack, parameters, practice) if varied else self._shelf
        return Runtime(
            sessions=sessionmaker(
                self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            ),
            clock=clock,
            keyring=Keyring(b"m" * 32, b"s" * 32),
            operations=operations,
            releases=shelf,
            # pages that belong to no region look at the national one
            calendars={NATIONAL: self._calendar, self._pack.config.calendar: self._calendar},
            queue=queue,
        )

    @property
    def calendar(self) -> WorkCalendar:
        """The region's working days."""
        return self._calendar

    @property
    def pack(self) -> Pack:
        """The region pack on stage."""
        return self._pack

    @property
    def release(self) -> str:
        """The id of the published release."""
        return self._release


class InlineQueue:
    """Jobs wait here until the command that deferred them has committed."""

    def __init__(self) -> None:
        self.jobs: deque[tuple[str, UUID]] = deque()

    def defer(self, session: Session, job: str, ids: Sequence[UUID]) -> None:
        """Keep the jobs; the stage runs them after the command."""
        self.jobs.extend((job, one) for one in ids)


class Web(httpx.BaseTransport):
    """The end of the wire at which feedback arrives, as the web application's end point does."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Check the signature, store the feedback as it came, answer 202."""
        call_id = UUID(request.url.path.split("/")[-2])
        with self._runtime.reading() as session:
            agency = session.get_one(ServiceCall, call_id).agency
        body = request.read()
        verify(agency_key(SECRET, agency), "POST", request.url.path, body, request.headers)
        store_feedback(self._runtime, call_id, body, "callback")
        return httpx.Response(202)
