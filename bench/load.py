"""Clients: so many threads, each with a connection of its own, sending a fixed list of requests."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import quantiles
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request; a body is sent as JSON, a GET has none."""

    path: str
    body: Mapping[str, Any] | None = None


@dataclass
class Timing:
    """How long a batch took.

    Args:
        seconds: of the wall clock, from the first request to the last answer.
        latencies: seconds of each request.
    """

    seconds: float = 0
    latencies: list[float] = field(default_factory=list)

    def add(self, other: "Timing") -> None:
        """Count another batch in."""
        self.seconds += other.seconds
        self.latencies += other.latencies

    def percentile(self, percent: int) -> float:
        """The latency that so many percent stay below, in milliseconds."""
        return 1000 * quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


def send(
    port: int, requests: Sequence[Request], clients: int = 1, headers: Mapping[str, str] = {}
) -> Timing:
    """Send every request once and wait for all answers.

    Raises:
        RuntimeError: an answer was not 2xx; the measurement would be worth nothing.
    """
    shares = [requests[n::clients] for n in range(min(clients, len(requests)))]
    begun = perf_counter()
    with ThreadPoolExecutor(max(1, len(shares))) as threads:
        results = list(threads.map(lambda share: _one_client(port, share, headers), shares))
    return Timing(perf_counter() - begun, [one for result in results for one in result])


def _one_client(port: int, share: Sequence[Request], headers: Mapping[str, str]) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    latencies = []
    for request in share:
        body = None if request.body is None else json.dumps(request.body).encode()
        method = "GET" if body is None else "POST"
        begun = perf_counter()
        connection.request(
            method, request.path, body, {"Content-Type": "application/json", **headers}
        )
        answer = connection.getresponse()
        text = answer.read()
        latencies.append(perf_counter() - begun)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {request.path}: {answer.status} {text[:400].decode()}")
    connection.close()
    return latencies
