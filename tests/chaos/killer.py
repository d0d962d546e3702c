"""Kill -9 at random moments, reproducibly: the seed decides what is killed and how long between."""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event, Thread

from tests.installation import Installation, children

#: Seconds between two kills, at least and at most.
PAUSE = (0.3, 3.0)


class Killer:
    """Kills parts of an installation until there were enough kills.

    Args:
        place: what is killed; its supervisor brings the parts back.
        seed: the same seed chooses the same victims and pauses.
        kills: how many.
    """

    def __init__(self, place: Installation, seed: int, kills: int) -> None:
        self._place = place
        self._random = random.Random(seed)
        self._kills = kills
        self._enough = Event()
        self._thread = Thread(target=self._run, name="killer")
        self._started_at = 0.0
        self.victims: Mapping[str, Callable[[], Sequence[int]]] = {
            "worker": lambda: self._program("worker"),
            "web server": lambda: self._program("web"),
            "web process": lambda: self._below(self._program("web")),
            "database server": self._database,
            "database backend": lambda: self._below(self._database(), "yijianshi "),
        }
        self.killed: list[str] = []

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Kill no more."""
        self._enough.set()
        if self._thread.ident:
            self._thread.join()

    @property
    def busy(self) -> bool:
        """Whether there are kills to come."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while len(self.killed) < self._kills:
            self._enough.wait(self._random.uniform(*PAUSE))
            victim = self._random.choice(sorted(self.victims))
            luck = self._random.random()
            while not self._enough.is_set() and not self._kill(victim, luck):
                time.sleep(0.02)  # it is just being brought back
            if self._enough.is_set():
                return

    def _kill(self, victim: str, luck: float) -> bool:
        candidates = sorted(self.victims[victim]())
        if not candidates:
            return False
        pid = candidates[int(luck * len(candidates))]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed.append(f"{time.monotonic() - self._started_at:6.2f} s  {victim} ({pid})")
            return True
        return False

    def _program(self, name: str) -> list[int]:
        pid = self._place.program(name)
        return [pid] if pid else []

    def _database(self) -> list[int]:
        pid = self._place.database_id()
        return [pid] if pid else []

    @staticmethod
    def _below(parents: Sequence[int], words: str = "") -> list[int]:
        return [pid for one in parents for pid, line in children(one).items() if words in line]
