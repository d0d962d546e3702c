"""A connection is made only to a number where an agency may be, whatever its name promised."""

import socket
from typing import Any

import pytest

from engine.errors import AgencyUnavailable, Invalid
from handlers.adapters import guarded
from handlers.adapters.api import ApiAdapter
from tests.handlers.adapters.test_api import blurting
from tests.handlers.conftest import Sandbox

HELLO = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"


def names_stand_for(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    """Have every name stand for these numbers, as whoever owns the name may say."""

    def look_up(_host: str, port: int, **_options: Any) -> list[Any]:
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(guarded, "getaddrinfo", look_up)


@pytest.mark.parametrize("number", ["127.0.0.1", "169.254.169.254", "100.100.100.200"])
def test_a_name_that_comes_to_stand_for_this_machine_gets_no_connection(
    number: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    names_stand_for(monkeypatch, "10.0.0.1", number)
    agency = ApiAdapter("http://agency.example:1", b"k")
    with agency, pytest.raises(Invalid, match="本机"):
        agency.send(sandbox.request())


def test_the_number_that_was_looked_at_is_the_one_connected_to(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with blurting(HELLO) as address:
        names_stand_for(monkeypatch, "127.0.0.1")
        port = address.rpartition(":")[2]
        agency = ApiAdapter(f"http://agency.example:{port}", b"k", loopback=True)
        with agency:
            assert agency.send(sandbox.request()) == b"{}"


def test_a_name_nobody_knows_is_an_agency_that_does_not_answer(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_arguments: Any, **_options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(guarded, "getaddrinfo", unknown)
    with ApiAdapter("http://agency.example", b"k") as agency, pytest.raises(AgencyUnavailable):
        agency.send(sandbox.request())


def test_an_answer_that_sends_us_elsewhere_is_not_followed(sandbox: Sandbox) -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with (
        blurting(moved) as address,
        ApiAdapter(address, b"k", loopback=True) as agency,
        pytest.raises(Exception, match="307"),
    ):
        agency.send(sandbox.request())
