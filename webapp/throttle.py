"""Slowing down whoever guesses passwords."""

import time
from collections import defaultdict, deque
from threading import Lock


class Throttle:
    """Counts failures per login and per address in this process.

    Every web process counts for itself, so the true limit is this one times their number: enough
    against guessing, which needs thousands.

    Args:
        tries: failures allowed within the window.
        seconds: length of the window.
    """

    def __init__(self, tries: int, seconds: float) -> None:
        self._tries, self._seconds = tries, seconds
        self._failures: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def is_shut(self, login: str, address: str | None) -> bool:
        """Whether this login or address has failed too often lately."""
        with self._lock:
            # an office shares one address: it may fail more often than one person
            return self._count(f"login {login}") >= self._tries or (
                self._count(f"address {address}") >= 10 * self._tries
            )

    def note_failure(self, login: str, address: str | None) -> None:
        """Count a failure."""
        now = time.monotonic()
        with self._lock:
            if len(self._failures) > 10_000:  # a flood of made-up names must not fill memory
                self._failures.clear()
            self._failures[f"login {login}"].append(now)
            self._failures[f"address {address}"].append(now)

    def forget(self, login: str) -> None:
        """Forget the failures of a login that has signed in."""
        with self._lock:
            self._failures.pop(f"login {login}", None)

    def _count(self, key: str) -> int:
        failures = self._failures.get(key)
        if failures is None:
            return 0
        while failures and failures[0] < time.monotonic() - self._seconds:
            failures.popleft()
        return len(failures)
