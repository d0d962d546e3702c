"""Deferring jobs. A job is a name and ids; it commits or vanishes with the caller's transaction.

Procrastinate is transport only: what must happen is in our own tables (calls, timers, feedback),
and a sweep defers again whatever a lost job forgot.
"""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.types import JSONValue
from sqlalchemy.orm import Session

#: job names; ``handlers.jobs`` gives them their bodies
ATTEMPT_CALL = "attempt_call"
CANCEL_CALL = "cancel_call"
APPLY_FEEDBACK = "apply_feedback"
FIRE_TIMER = "fire_timer"
DELIVER_WAITING = "deliver_waiting_message"
WORK_UPLOAD = "work_upload"

#: jobs that wait for agencies have a queue of their own: a slow agency holds up nothing else
AGENCIES = "agencies"
CASES = "cases"


class JobQueue(Protocol):
    """Where jobs are deferred to."""

    def defer(self, session: Session, job: str, ids: Sequence[UUID]) -> None:
        """Defer one job per id, in the caller's transaction."""
        ...


class Connector(PsycopgConnector):
    """Procrastinate's connector, able to defer on a synchronous connection inside a worker.

    The stock connector hands out its asynchronous self once opened, which then fails on the
    session's own (synchronous) connection.
    """

    _synchronous: SyncPsycopgConnector | None = None

    def get_sync_connector(self) -> SyncPsycopgConnector:
        """Return a synchronous connector, always."""
        if self._synchronous is None:
            self._synchronous = SyncPsycopgConnector(**self._pool_args)
        return self._synchronous


class ProcrastinateQueue:
    """The real queue: rows in the same PostgreSQL, written on the session's own connection."""

    def __init__(self, app: App) -> None:
        self.app = app

    def defer(self, session: Session, job: str, ids: Sequence[UUID]) -> None:
        """Defer one job per id with a single statement."""
        if not ids:
            return
        raw: Any = session.connection().connection.driver_connection
        queue = AGENCIES if job in (ATTEMPT_CALL, CANCEL_CALL) else CASES
        task = self.app.configure_task(job, queue=queue, connection=raw)
        arguments: list[dict[str, JSONValue]] = [{"id": str(one)} for one in ids]
        task.batch_defer(*arguments)
