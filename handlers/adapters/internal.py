"""The ``internal`` transport: the platform asks itself, in the worker, without a wire."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.errors import AgencyRefused
from engine.runtime import Runtime
from handlers.envelope import Reply
from handlers.platform import WORK


class InternalAdapter:
    """Does the platform's own operations; all of them may be repeated."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def do(self, call_id: UUID, operation: str, asked: Mapping[str, Any]) -> bytes:
        """Do what is asked and answer at once, in the envelope of every agency."""
        said: dict[str, Any]
        try:
            block = WORK[operation](self._runtime, call_id, asked)
            said = {"status": "SUCCESS", "business": block.model_dump(mode="json")}
        except AgencyRefused as no:
            said = {"status": "FAILED", "reason_code": no.code, "reason_text": no.reason}
        reply = Reply(
            request_id=call_id, handled_by="系统", handled_at=self._runtime.clock.now(), **said
        )
        return reply.model_dump_json().encode()
