"""A whole installation of its own: ``yijianshi serve`` in a folder, as from a terminal."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from tests.conftest import MEMORY

ROOT = Path(__file__).parent.parent
READY_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def children(parent: int) -> dict[int, str]:
    """Living child processes of a process: process id → command line."""
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            # pid (name) state parent …; the name may hold anything, brackets too
            state, its_parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended meanwhile
            continue
        if int(its_parent) == parent and state != "Z":
            found[int(process.name)] = command
    return found


class Installation:
    """One data folder and two ports; started and stopped like from a terminal.

    Args:
        data: its folder.
        environment: variables beside those for folder and ports.
    """

    def __init__(self, data: Path, **environment: str) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.data = data
        self.environment = environment | {
            "YIJIANSHI_DATA": str(data),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
        }
        self.process: subprocess.Popen[str] | None = None
        self._log = data.with_suffix(".log")

    def start(self) -> None:
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", "serve"],
                cwd=ROOT,
                env=inherited | self.environment | {"PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        until(lambda: self.said("Ctrl-C") or self.ended(), READY_SECONDS)
        assert not self.ended(), self._log.read_text()

    def said(self, words: str) -> bool:
        return words in self._log.read_text()

    def told(self) -> str:
        return self._log.read_text()

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def program(self, name: str) -> int | None:
        """Process id of a program of this installation, while it runs."""
        assert self.process
        found = children(self.process.pid).items()
        return next((pid for pid, line in found if line.endswith(f" webapp.cli {name} ")), None)

    def kill_program(self, name: str) -> None:
        """Kill a program and wait until another one has taken its place."""
        pid = self.program(name)
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.program(name) not in (None, pid))
        if name != "worker":
            until(lambda: self.answers(self.port if name == "web" else self.sandbox_port))

    def answers(self, port: int) -> bool:
        try:
            with httpx.Client(trust_env=False, follow_redirects=True, timeout=5) as client:
                return client.get(f"http://127.0.0.1:{port}/").is_success
        except httpx.HTTPError:
            return False

    def database_id(self) -> int | None:
        """Process id of its database server, if it was not stopped in order."""
        try:
            return int((self._cluster() / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def _cluster(self) -> Path:
        return self.data / "postgres" / "cluster"


@contextmanager
def installed(**environment: str) -> Iterator[Installation]:
    """An installation that is not started yet; in the end nothing of it is left."""
    data = MEMORY / f"yijianshi-serve-{uuid4().hex[:12]}"
    place = Installation(data, **environment)
    try:
        yield place
    finally:
        place.kill()
        until(lambda: not place.answers(place.port))
        if place.database_id():  # left running when its starter was killed
            place.start()
            place.stop()
        shutil.rmtree(data, ignore_errors=True)
        data.with_suffix(".log").unlink(missing_ok=True)
