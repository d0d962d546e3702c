"""Whatever an agency answers is understood completely or becomes an incident, never a crash."""

import json
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

import handlers  # noqa: F401 - registers the operations
from engine.errors import AgencyReplyUnreadable
from engine.operations import operations
from handlers.envelope import MAX_BYTES, STATUS_TITLES, Reply, read_reply
from tests.fuzz.budget import examples
from tests.fuzz.values import anything, plain

REQUEST = UUID("01890000-0000-7000-8000-000000000001")
OPERATIONS = sorted(one.code for one in operations)


def _business(name: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = operations.get(name).reply.model_fields
    return st.fixed_dictionaries({}, optional=dict.fromkeys(fields, anything | plain))


@st.composite
def _replies(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(OPERATIONS))
    reply: dict[str, Any] = {
        "request_id": str(REQUEST),
        "status": draw(st.sampled_from([*STATUS_TITLES, "DONE"])),
        "business": draw(_business(name) | anything),
    }
    others = sorted(Reply.model_fields.keys() - {"request_id", "status"})
    reply |= draw(st.dictionaries(st.sampled_from(others), anything, max_size=3))
    raw = json.dumps(reply, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return name, raw


def _is_understood_or_an_incident(name: str, raw: bytes) -> None:
    try:
        reply = read_reply(raw, operations.get(name), REQUEST)
    except AgencyReplyUnreadable as error:
        assert error.message
        assert len(error.message) < 1000
        assert error.message.isprintable()
    else:
        assert json.dumps(reply.business, allow_nan=False)


@examples(300)
@given(_replies())
def test_a_reply_of_the_right_kind(reply: tuple[str, bytes]) -> None:
    _is_understood_or_an_incident(*reply)


EXTREMES = (b"[" * 50_000, b'{"a":' * 9000, b"9" * 9000, b"\xff\xfe{}", b"0" * MAX_BYTES)


@examples(150)
@given(
    st.sampled_from(OPERATIONS),
    st.binary(max_size=300)
    | anything.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [b"[" * 50_000, b'{"a":' * 9000, b"9" * 9000, b"\xff\xfe{}", b"0" * MAX_BYTES]
    ),
)
def test_bytes_of_any_kind(name: str, raw: bytes) -> None:
    _is_understood_or_an_incident(name, raw)


@examples(100)
@given(_replies(), st.data())
def test_a_reply_damaged_on_the_way(reply: tuple[str, bytes], data: st.DataObject) -> None:
    name, raw = reply
    place = data.draw(st.integers(0, len(raw)))
    _is_understood_or_an_incident(
        name, raw[:place] + data.draw(st.binary(max_size=3)) + raw[place + 1 :]
    )
