"""A message is believed only as it was signed, where it was signed for, and for five minutes."""

import pytest

from engine.errors import Forbidden
from handlers.signature import SIGNATURE, TIMESTAMP, agency_key, sign, verify

KEY = agency_key(b"secret of the installation", "medical")
BODY = b'{"status": "SUCCESS"}'
PATH = "/api/v1/service-calls/1/feedback"


def test_a_signed_message_is_accepted() -> None:
    verify(KEY, "POST", PATH, BODY, sign(KEY, "POST", PATH, BODY))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PATH, BODY + b" "),
        ("POST", "/api/v1/service-calls/2/feedback", BODY),
        ("GET", PATH, BODY),
    ],
)
def test_nothing_of_a_signed_message_can_be_changed(method: str, path: str, body: bytes) -> None:
    headers = sign(KEY, "POST", PATH, BODY)
    with pytest.raises(Forbidden, match="签名不正确"):
        verify(KEY, method, path, body, headers)


def test_one_agency_cannot_sign_for_another() -> None:
    other = agency_key(b"secret of the installation", "police")
    with pytest.raises(Forbidden):
        verify(KEY, "POST", PATH, BODY, sign(other, "POST", PATH, BODY))


@pytest.mark.parametrize("age", [301, -301])
def test_a_signature_from_another_time_is_refused(age: int) -> None:
    headers = sign(KEY, "POST", PATH, BODY, now=1_000_000)
    with pytest.raises(Forbidden, match="有效期"):
        verify(KEY, "POST", PATH, BODY, headers, now=1_000_000 + age)
    verify(KEY, "POST", PATH, BODY, headers, now=1_000_000 + 299)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TIMESTAMP: "now", SIGNATURE: "ab"},
        {TIMESTAMP: "\udcff", SIGNATURE: "签名"},
    ],
)
def test_a_message_without_a_proper_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        verify(KEY, "POST", PATH, BODY, headers)
