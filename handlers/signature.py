"""Signatures on what is said between us and an agency, in both directions.

HMAC-SHA256 over time, method, path and body, so that nothing can be altered, sent to another
end point, or sent again after five minutes. A repeat within five minutes is harmless because
every request and every feedback is idempotent. Time is the machine's own, never the demo clock:
a signature speaks about the wire, not about the case.
"""

import hmac
import time
from collections.abc import Mapping
from hashlib import sha256

from engine.errors import Forbidden

TIMESTAMP = "X-Yijianshi-Timestamp"
SIGNATURE = "X-Yijianshi-Signature"
WINDOW_SECONDS = 300


def agency_key(secret: bytes, agency: str) -> bytes:
    """Derive an agency's own key: no agency can sign in the name of another."""
    return hmac.new(secret, b"agency:" + agency.encode(), sha256).digest()


def sandbox_client_secret(secret: bytes) -> str:
    """What the simulated identity platform knows an installation's sign-in page by."""
    return hmac.new(secret, b"identity-client", sha256).hexdigest()


def sign(
    key: bytes, method: str, path: str, body: bytes, *, now: float | None = None
) -> dict[str, str]:
    """Return the two headers that sign a message.

    Args:
        key: the agency's key, see ``agency_key``.
        method: HTTP method, upper case.
        path: path below the configured address, e.g. ``/requests/…``; no query.
        body: the bytes exactly as sent.
        now: Unix seconds; the machine's time if left out.
    """
    timestamp = str(int(time.time() if now is None else now))
    return {TIMESTAMP: timestamp, SIGNATURE: _digest(key, timestamp, method, path, body)}


def verify(
    key: bytes,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: float | None = None,
) -> None:
    """Check the signature of a message that came in.

    Raises:
        Forbidden: no signature, a wrong one, or one older or newer than five minutes. The sender
            may sign afresh and try again.
    """
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    expected = _digest(key, timestamp, method, path, body)
    # Compared first and in constant time: a forger learns nothing, not even from the time check.
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Forbidden("签名不正确，消息未被接受。")
    here = time.time() if now is None else now
    if not timestamp.isdecimal() or abs(here - int(timestamp)) > WINDOW_SECONDS:
        raise Forbidden("签名已过有效期（5 分钟），请重新签名后发送。")


#: How long a link to a file may be followed.
LINK_SECONDS = 3600


def sign_link(key: bytes, path: str, *, now: float | None = None) -> str:
    """Return the query that lets whoever has it fetch ``path`` for an hour.

    Args:
        key: the agency's key.
        path: of the file, without query.
        now: Unix seconds; the machine's time if left out.
    """
    until = str(int((time.time() if now is None else now) + LINK_SECONDS))
    return f"until={until}&signature={_digest(key, until, 'GET', path, b'')}"


def verify_link(key: bytes, path: str, until: str, given: str, *, now: float | None = None) -> None:
    """Check the query of a link.

    Raises:
        Forbidden: not signed by us, for another file, or too old. Ask for the request once more.
    """
    expected = _digest(key, until, "GET", path, b"")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Forbidden("取件地址无效。")
    if not until.isdecimal() or int(until) < (time.time() if now is None else now):
        raise Forbidden("取件地址已过期。")


def _digest(key: bytes, timestamp: str, method: str, path: str, body: bytes) -> str:
    message = "\n".join((timestamp, method.upper(), path, sha256(body).hexdigest()))
    return hmac.new(key, message.encode("utf-8", "replace"), sha256).hexdigest()
