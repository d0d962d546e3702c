"""The ``api`` transport: HTTP to an agency's own system.

``POST /agencies/<agency>/<verb>`` sends, ``GET /requests/<id>`` asks, ``POST
/requests/<id>/cancel`` cancels, all below the address in the agency's live settings and all
signed. The address comes from the settings only and is looked at again when a connection is made
(``handlers.adapters.guarded``), redirects are not followed, and no more than 64 KB of an answer is
read.
"""

import json
import time
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx

from engine.agency_address import check_address
from engine.errors import (
    AgencyOutcomeUnknown,
    AgencyReplyUnreadable,
    AgencyUnavailable,
)
from handlers.adapters.guarded import guarded_transport
from handlers.envelope import MAX_BYTES, Request
from handlers.signature import sign

#: Failures before anything of the request can have arrived.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ApiAdapter:
    """One agency behind one address. Safe to share between threads.

    Args:
        address: ``http(s)://host[:port][/path]``, from the agency's settings.
        key: the agency's signing key, see ``handlers.signature.agency_key``.
        connect_seconds: how long to wait for a connection.
        answer_seconds: how long to wait for the whole answer.
        transport: for running against an application in the same process.
        loopback: the agency may be on this machine: in demonstrations.

    Raises:
        Invalid: no agency can be at that address; an administrator must correct it.
    """

    def __init__(
        self,
        address: str,
        key: bytes,
        *,
        connect_seconds: float = 3,
        answer_seconds: float = 5,
        transport: httpx.BaseTransport | None = None,
        loopback: bool = False,
    ) -> None:
        check_address(address, loopback=loopback or transport is not None)
        self._key = key
        self._answer_seconds = answer_seconds
        self._client = httpx.Client(
            base_url=address,
            timeout=httpx.Timeout(answer_seconds, connect=connect_seconds),
            follow_redirects=False,
            trust_env=False,  # a proxy variable of the machine must not re-route personal data
            transport=transport or guarded_transport(loopback=loopback),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the agency."""
        self._client.close()

    def send(self, request: Request) -> bytes:
        """Send a request; sending it again with the same ``request_id`` is harmless.

        Returns:
            The answer as it came, at most 64 KB, not yet read.

        Raises:
            AgencyUnavailable: not reached, or "not now" (429, 5xx); send again later.
            AgencyOutcomeUnknown: sent, but no whole answer came in time; ask before sending.
            AgencyReplyUnreadable: turned away (3xx, 4xx); a person must look, do not retry.
            Invalid: the name of the address now leads where no agency is; as above.
        """
        path = f"/agencies/{request.operation}"
        body = request.model_dump_json().encode()
        status, answer = self._exchange(
            "POST", path, body, {"Idempotency-Key": str(request.request_id)}
        )
        if status >= 300:
            raise AgencyReplyUnreadable(f"部门系统拒收了请求（HTTP {status}）。")
        return answer

    def ask(self, request_id: UUID) -> bytes | None:
        """Ask what became of a request.

        Returns:
            The answer the agency would give now, or ``None`` if it never got the request.

        Raises:
            AgencyUnavailable, AgencyOutcomeUnknown: nobody told us; ask again later.
            AgencyReplyUnreadable: as for ``send``.
        """
        status, answer = self._exchange("GET", f"/requests/{request_id}")
        if status == 404:
            return None
        if status >= 300:
            raise AgencyReplyUnreadable(f"部门系统拒绝了查询（HTTP {status}）。")
        return answer

    def cancel(self, request_id: UUID, reason: str) -> bool:
        """Say that a request is no longer wanted. Repeats are harmless.

        Returns:
            Whether nothing will happen any more: cancelled, or never received. ``False`` when
            the agency had already finished.

        Raises:
            AgencyUnavailable, AgencyOutcomeUnknown: say it again later.
            AgencyReplyUnreadable: as for ``send``.
        """
        body = json.dumps({"reason": reason}, ensure_ascii=False).encode()
        status, _ = self._exchange("POST", f"/requests/{request_id}/cancel", body)
        if status in (404, 409):
            return status == 404
        if status >= 300:
            raise AgencyReplyUnreadable(f"部门系统拒绝了撤销（HTTP {status}）。")
        return True

    def _exchange(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One signed exchange; every failure of the wire becomes an ``AgencyError``."""
        signed = {"Content-Type": "application/json", **(headers or {})}
        signed |= sign(self._key, method, path, body)
        try:
            with self._client.stream(method, path, content=body, headers=signed) as response:
                status = response.status_code
                if status == 429 or status >= 500:
                    raise AgencyUnavailable(f"部门系统暂时不可用（HTTP {status}）。")
                return status, self._read(response)
        except NOT_SENT as error:
            raise AgencyUnavailable from error
        except httpx.HTTPError as error:
            raise AgencyOutcomeUnknown from error

    def _read(self, response: httpx.Response) -> bytes:
        """Read the answer within our limits: neither a flood nor a trickle may hold a worker."""
        until = time.monotonic() + self._answer_seconds
        answer = b""
        for chunk in response.iter_raw():
            answer += chunk
            if len(answer) > MAX_BYTES:
                raise AgencyReplyUnreadable(f"答复过长（超过 {MAX_BYTES // 1024} KB），未予读取。")
            if time.monotonic() > until:
                raise AgencyOutcomeUnknown
        return answer
