"""The ``internal`` transport: the platform asks itself, in the worker, without a wire."""

from engine.runtime import Runtime
from handlers.envelope import Reply, Request
from handlers.platform import WORK


class InternalAdapter:
    """Does the platform's own operations; all of them may be repeated."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def send(self, request: Request) -> bytes:
        """Do what is asked and answer at once."""
        block = WORK[request.operation](self._runtime, request.request_id, request.business)
        reply = Reply(
            request_id=request.request_id,
            status="SUCCESS",
            business=block.model_dump(mode="json"),
            handled_by="系统",
            handled_at=self._runtime.clock.now(),
        )
        return reply.model_dump_json().encode()
