"""Every way the wire can fail ends in the error that says what to do next."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from uuid import uuid4

import pytest

from engine.errors import (
    AgencyOutcomeUnknown,
    AgencyReplyUnreadable,
    AgencyUnavailable,
    Invalid,
)
from engine.operations import operations
from handlers.adapters.api import ApiAdapter
from handlers.envelope import MAX_BYTES, read_reply
from tests.handlers.conftest import Sandbox


@contextmanager
def blurting(*parts: bytes) -> Iterator[str]:
    """A server that reads a little, says exactly these bytes and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:  # the other side has heard enough
                    return

    thread = Thread(target=serve)
    thread.start()
    with closing(listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_an_answer_comes_back_as_it_was_said(sandbox: Sandbox) -> None:
    request = sandbox.request("police/household_check")
    with sandbox.adapter("police/household_check") as police:
        raw = police.send(request)
    reply = read_reply(raw, operations.get("police/household_check"), request.request_id)
    assert reply.status == "SUCCESS"
    assert reply.business["match"] is True


def test_nobody_listening_means_certainly_not_taken(sandbox: Sandbox) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = ApiAdapter(f"http://127.0.0.1:{unused.getsockname()[1]}", b"k", loopback=True)
        with nobody, pytest.raises(AgencyUnavailable):
            nobody.send(sandbox.request())


def test_an_outage_is_unavailable_and_leaves_nothing(sandbox: Sandbox) -> None:
    sandbox.office.instructions.switch_outage("medical", True)
    request = sandbox.request()
    with sandbox.adapter() as medical:
        with pytest.raises(AgencyUnavailable, match="503"):
            medical.send(request)
        sandbox.office.instructions.switch_outage("medical", False)
        assert medical.ask(request.request_id) is None
        medical.send(request.model_copy(update={"attempt": 2}))
    assert sandbox.audit(request)["received"] == 2


def test_silence_after_sending_is_unknown_until_asked(sandbox: Sandbox) -> None:
    sandbox.tell("hang")
    request = sandbox.request()
    with sandbox.adapter(answer_seconds=0.2) as medical:
        with pytest.raises(AgencyOutcomeUnknown):
            medical.send(request)
        raw = medical.ask(request.request_id)
    assert raw is not None
    reply = read_reply(raw, operations.get("medical/retire"), request.request_id)
    assert reply.status == "ACCEPTED"


def test_garbage_travels_to_the_reader_who_refuses_it(sandbox: Sandbox) -> None:
    sandbox.tell("garbage")
    request = sandbox.request()
    with sandbox.adapter() as medical:
        raw = medical.send(request)
    with pytest.raises(AgencyReplyUnreadable):
        read_reply(raw, operations.get("medical/retire"), request.request_id)


def test_a_connection_cut_in_the_middle_is_unknown(sandbox: Sandbox) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
    for said in (b"", cut):
        with (
            blurting(said) as address,
            ApiAdapter(address, b"k", loopback=True) as agency,
            pytest.raises(AgencyOutcomeUnknown),
        ):
            agency.send(sandbox.request())


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.1.1/\r\nContent-Length: 0\r\n\r\n",
            "302",
        ),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "403"),
    ],
)
def test_being_turned_away_needs_a_person(sandbox: Sandbox, said: bytes, error: str) -> None:
    with (
        blurting(said) as address,
        ApiAdapter(address, b"k", loopback=True) as agency,
        pytest.raises(AgencyReplyUnreadable, match=error),
    ):
        agency.send(sandbox.request())


def test_not_now_is_unavailable(sandbox: Sandbox) -> None:
    said = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
    with (
        blurting(said) as address,
        ApiAdapter(address, b"k", loopback=True) as agency,
        pytest.raises(AgencyUnavailable, match="429"),
    ):
        agency.send(sandbox.request())


def test_a_flood_is_not_read_to_its_end(sandbox: Sandbox) -> None:
    flood = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * MAX_BYTES] * 50]
    with (
        blurting(*flood) as address,
        ApiAdapter(address, b"k", loopback=True) as agency,
        pytest.raises(AgencyReplyUnreadable, match="过长"),
    ):
        agency.send(sandbox.request())


def test_cancelling_stops_an_accepted_request_once_and_for_all(sandbox: Sandbox) -> None:
    request = sandbox.request()
    with sandbox.adapter() as medical:
        medical.send(request)
        assert medical.cancel(request.request_id, "申请人撤回") is True
        assert medical.cancel(request.request_id, "申请人撤回") is True
        assert sandbox.later() == 0
    assert sandbox.audit(request)["effects"] == 0


def test_cancelling_too_late_is_said_and_never_received_is_fine(sandbox: Sandbox) -> None:
    sandbox.tell("success")
    request = sandbox.request()
    with sandbox.adapter() as medical:
        medical.send(request)
        assert medical.cancel(request.request_id, "申请人撤回") is False
        assert medical.cancel(uuid4(), "申请人撤回") is True


def test_a_forged_signature_is_turned_away(sandbox: Sandbox) -> None:
    with (
        ApiAdapter(sandbox.address, b"guessed", loopback=True) as forger,
        pytest.raises(AgencyReplyUnreadable, match="403"),
    ):
        forger.send(sandbox.request())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://agency",
        "file:///etc/passwd",
        "http://",
        "http://u:p@agency",
        "http://a/?x=1",
        "x",
    ],
)
def test_an_address_must_be_one(address: str) -> None:
    with pytest.raises(Invalid, match="部门接口地址"):
        ApiAdapter(address, b"k", loopback=True)
