"""Connections that go only where an agency may be.

The name is looked up once and the connection made to the number that was looked at: a name that
stands for a harmless number when it is checked and for another when it is used gains nothing.
"""

from collections.abc import Iterable
from socket import SOCK_STREAM, getaddrinfo
from typing import Any

import httpcore
import httpx

from engine.agency_address import check_number


class GuardedBackend(httpcore.SyncBackend):
    """Makes TCP connections, after looking at the number behind the name."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first number that answers.

        Raises:
            Invalid: a number behind the name is none where an agency may be; do not retry.
            httpcore.ConnectError: nobody answers.
        """
        try:
            found = getaddrinfo(host, port, type=SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
        for number in numbers:
            check_number(number, loopback=self._loopback)
        *others, last = numbers
        for number in others:
            try:
                return super().connect_tcp(number, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return super().connect_tcp(last, port, timeout, local_address, socket_options)


def guarded_transport(*, loopback: bool) -> httpx.HTTPTransport:
    """A transport of httpx with guarded connections; certificates are checked as always."""
    made = httpx.HTTPTransport(trust_env=False)
    # httpx has no argument for this; tests/handlers/adapters/test_guarded.py holds it to it
    made._pool._network_backend = GuardedBackend(loopback=loopback)
    return made
