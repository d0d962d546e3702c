"""What is set going once a command is committed: jobs, deferred in the command's transaction."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine import jobs
from engine.jobs import JobQueue


class Outbox:
    """Work for the worker, collected during one command."""

    def __init__(self) -> None:
        self._calls: list[UUID] = []
        self._cancelled: list[UUID] = []
        self._messages: list[UUID] = []

    def try_call(self, call_id: UUID) -> None:
        """Have a worker try a service call once this command is committed."""
        self._calls.append(call_id)

    def tell_cancelled(self, call_id: UUID) -> None:
        """Have a worker tell the agency that a call is no longer wanted, likewise."""
        self._cancelled.append(call_id)

    def deliver(self, inbox_id: UUID) -> None:
        """Have a worker bring a message of the inbox to its receiver, likewise."""
        self._messages.append(inbox_id)

    def send(self, queue: JobQueue, session: Session) -> None:
        """Defer the jobs; they exist if and only if the transaction commits."""
        queue.defer(session, jobs.ATTEMPT_CALL, self._calls)
        queue.defer(session, jobs.DELIVER_WAITING, self._messages)
        queue.defer(session, jobs.CANCEL_CALL, self._cancelled)
