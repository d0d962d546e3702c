"""What a worker does. Each job is a name and an id; repeats and overtaking are harmless.

An agency is talked to between two transactions, never inside one: take the call, speak, store
what was said. Whatever goes wrong on the way is written down as the outcome of that try.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from uuid import UUID

from procrastinate import App
from sqlalchemy.exc import DBAPIError

from engine import jobs
from engine.call_files import CallFile
from engine.commands.begin_attempt import Attempt, begin_attempt
from engine.commands.cancel_call import Cancellation, begin_cancellation, end_cancellation
from engine.commands.deliver_message import deliver_waiting_message
from engine.commands.end_attempt import Outcome, end_attempt
from engine.commands.finish_service_call import CallResult, finish_service_call
from engine.commands.fire_timer import abandon_timer, fire_timer
from engine.commands.store_feedback import Channel, read_feedback, store_feedback
from engine.commands.work_upload import work_upload
from engine.errors import (
    AgencyOutcomeUnknown,
    AgencyReplyUnreadable,
    AgencyUnavailable,
    EngineError,
    Invalid,
)
from engine.runtime import Runtime
from handlers.adapters import Adapter
from handlers.adapters.api import ApiAdapter
from handlers.adapters.internal import InternalAdapter
from handlers.envelope import FileBlock, PersonBlock, Reply, Request, check_business, read_reply
from handlers.signature import agency_key, sign_link

log = logging.getLogger(__name__)

#: Replies after which an agency goes on working.
UNDER_WAY = frozenset({"ACCEPTED", "PENDING_CONDITION", "SUPPLEMENT"})


class Exchange:
    """The adapters of this process: one per agency and address, made when first needed.

    Args:
        secret: the installation's agency secret, see ``handlers.signature.agency_key``.
        make: makes an adapter from an address and a key; real HTTP if left out.
        loopback: agencies may be on this machine (``YIJIANSHI_LOOPBACK``).
    """

    def __init__(
        self,
        secret: bytes,
        make: Callable[[str, bytes], Adapter] | None = None,
        *,
        loopback: bool = False,
    ) -> None:
        self._secret = secret
        self._make = make or partial(ApiAdapter, loopback=loopback)
        self._adapters: dict[tuple[str, str], Adapter] = {}
        self._lock = Lock()

    def key(self, agency: str) -> bytes:
        """The key an agency signs with, and links for it are signed with."""
        return agency_key(self._secret, agency)

    def adapter(self, operation: str, mode: str, endpoint: str) -> Adapter:
        """Return the way to the agency of an operation.

        Raises:
            Invalid: the agency is not reached by interface, or its address is no address.
        """
        if mode != "api":
            raise Invalid("该部门未设置为接口方式，无法自动发送，请在部门设置中核对。")
        agency = operation.split("/", 1)[0]
        with self._lock:
            key = (agency, endpoint)
            if key not in self._adapters:
                self._adapters[key] = self._make(endpoint, agency_key(self._secret, agency))
            return self._adapters[key]


class Jobs:
    """The bodies of all jobs.

    Args:
        runtime: of this process.
        exchange: the ways to the agencies.
        callback: address of our web, below which agencies send feedback.
    """

    def __init__(self, runtime: Runtime, exchange: Exchange, callback: str) -> None:
        self._runtime = runtime
        self._exchange = exchange
        self._internal = InternalAdapter(runtime)
        self._callback = callback.rstrip("/")
        self.bodies: Mapping[str, Callable[[UUID], None]] = {
            jobs.ATTEMPT_CALL: self.attempt_call,
            jobs.CANCEL_CALL: self.cancel_call,
            jobs.APPLY_FEEDBACK: self.apply_feedback,
            jobs.FIRE_TIMER: self.fire_timer,
            jobs.DELIVER_WAITING: self.deliver_waiting_message,
            jobs.WORK_UPLOAD: self.work_upload,
        }

    def run(self, job: str, ident: UUID) -> None:
        """Run one job by its name."""
        self.bodies[job](ident)

    def register(self, app: App) -> None:
        """Give the queue's jobs their bodies."""
        for name, body in self.bodies.items():
            app.task(name=name)(_from_text(body))

    def attempt_call(self, call_id: UUID) -> None:
        """Try a service call once: send it, or ask what became of it."""
        attempt = begin_attempt(self._runtime, call_id)
        if attempt is None:
            return
        try:
            raw = self._speak(attempt)
        except Exception as error:
            self._no_answer(attempt, error)
        else:
            self._answered(attempt, raw)

    def _speak(self, attempt: Attempt) -> bytes | None:
        """Talk to the agency; no transaction is open here."""
        if attempt.mode == "internal":
            # asked again instead of asking what became of it: repeating is harmless there
            operation = self._runtime.operations.get(attempt.operation)
            asked = check_business(operation, attempt.parameters)
            return self._internal.do(attempt.call_id, attempt.operation, asked)
        adapter = self._exchange.adapter(attempt.operation, attempt.mode, attempt.endpoint)
        if attempt.kind == "ask":
            return adapter.ask(attempt.call_id)
        return adapter.send(self._request(attempt))

    def _request(self, attempt: Attempt) -> Request:
        operation = self._runtime.operations.get(attempt.operation)
        return Request(
            request_id=attempt.call_id,
            case_no=attempt.case_no,
            item_code=attempt.item,
            attempt=attempt.number,
            region_code=attempt.region,
            agency_code=operation.agency,
            office_code=attempt.office,
            operation=attempt.operation,
            sent_at=self._runtime.clock.now(),
            person=PersonBlock(**attempt.person),
            business=check_business(operation, attempt.parameters),
            files=[self._link(attempt.call_id, operation.agency, one) for one in attempt.files],
            callback_url=f"{self._callback}/api/v1/service-calls/{attempt.call_id}/feedback",
        )

    def _link(self, call_id: UUID, agency: str, file: CallFile) -> FileBlock:
        path = f"/api/v1/service-calls/{call_id}/files/{file.id}"
        query = sign_link(self._exchange.key(agency), path)
        url = f"{self._callback}{path}?{query}"
        return FileBlock(type=file.type, name=file.name, sha256=file.sha256, url=url)

    def _answered(self, attempt: Attempt, raw: bytes | None) -> None:
        call_id, number = attempt.call_id, attempt.number
        if raw is None:
            end_attempt(self._runtime, call_id, number, "absent", "部门未收到该请求")
        else:
            channel: Channel = "ask" if attempt.kind == "ask" else "reply"
            stored = store_feedback(self._runtime, call_id, raw, channel, number, defer=False)
            self.apply_feedback(stored)

    def _no_answer(self, attempt: Attempt, error: Exception) -> None:
        """Write down why there is no answer; a defect of ours must not leave the call hanging."""
        outcome: Outcome = "unknown"
        note = "系统处理时发生意外，将再次查询"
        if isinstance(error, EngineError):
            note = error.message
            if not isinstance(error, AgencyOutcomeUnknown):
                outcome = "unavailable" if isinstance(error, AgencyUnavailable) else "unreadable"
        else:
            log.error("attempt failed", extra={"call_id": str(attempt.call_id)}, exc_info=error)
        end_attempt(self._runtime, attempt.call_id, attempt.number, outcome, note)

    def cancel_call(self, call_id: UUID) -> None:
        """Tell the agency of a cancelled call that it is no longer wanted."""
        cancellation = begin_cancellation(self._runtime, call_id)
        if cancellation is None:
            return
        number = cancellation.number
        try:
            stopped = self._stop(cancellation)
        except (AgencyUnavailable, AgencyOutcomeUnknown) as error:
            end_cancellation(self._runtime, call_id, number, "unavailable", error.message)
        except EngineError as error:
            end_cancellation(self._runtime, call_id, number, "unreadable", error.message)
        else:
            end_cancellation(self._runtime, call_id, number, "told" if stopped else "too_late")

    def _stop(self, cancellation: Cancellation) -> bool:
        if cancellation.mode == "internal":
            return True  # nothing goes on by itself
        adapter = self._exchange.adapter(
            cancellation.operation, cancellation.mode, cancellation.endpoint
        )
        return adapter.cancel(cancellation.call_id, "办件已不再需要该事项")

    def apply_feedback(self, feedback_id: UUID) -> None:
        """Read a stored answer and apply it to its case."""
        stored = read_feedback(self._runtime, feedback_id)
        if stored is None:
            return
        call_id, operation, raw = stored
        result: CallResult | AgencyReplyUnreadable
        try:
            result = _result(read_reply(raw, self._runtime.operations.get(operation), call_id))
        except AgencyReplyUnreadable as error:
            result = error
        try:
            became = finish_service_call(self._runtime, feedback_id, result)
        except DBAPIError:
            raise  # the answer stays stored; the sweep brings it back
        except Exception:
            log.exception("feedback failed", extra={"call_id": str(call_id)})
            became = finish_service_call(self._runtime, feedback_id, _DEFECT)
        if became == "late" and isinstance(result, CallResult) and result.status in UNDER_WAY:
            self.cancel_call(call_id)  # it reached the agency after the agency was told

    def fire_timer(self, timer_id: UUID) -> None:
        """Let a due timer do its work; one that fails for good becomes an incident."""
        try:
            fire_timer(self._runtime, timer_id)
        except EngineError as error:
            log.exception("timer failed", extra={"timer_id": str(timer_id)})
            abandon_timer(self._runtime, timer_id, error.message)

    def deliver_waiting_message(self, inbox_id: UUID) -> None:
        """Deliver a message that came before its receiver waited."""
        deliver_waiting_message(self._runtime, inbox_id)

    def work_upload(self, upload_id: UUID) -> None:
        """Apply the rows of a table that somebody confirmed."""
        work_upload(self._runtime, upload_id)


_DEFECT = AgencyReplyUnreadable("答复已收到，但办件未能继续，请管理员查看。")


def _result(reply: Reply) -> CallResult:
    return CallResult(
        status=reply.status,
        business=reply.business,
        reason_code=reply.reason_code,
        reason=reply.reason_text,
        handled_by=reply.handled_by,
        handled_at=reply.handled_at,
        promise_date=reply.promise_date,
        phone=reply.agency_tel,
        condition_met_at=reply.condition_met_at,
    )


def _from_text(body: Callable[[UUID], None]) -> Callable[[str], None]:
    """Jobs travel as JSON: the id as text."""

    def job(id: str) -> None:
        body(UUID(id))

    return job
