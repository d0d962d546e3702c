"""``yijianshi serve`` as a newcomer starts it: everything up, kept up, and stopped in order."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.conftest import MEMORY

ROOT = Path(__file__).parents[3]
READY_SECONDS = 90


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


class Installation:
    """One data folder and two ports; started and stopped like from a terminal."""

    def __init__(self, data: Path) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.data = data
        self.process: subprocess.Popen[str] | None = None
        self._log = data.with_suffix(".log")

    def start(self) -> None:
        environment = {
            "YIJIANSHI_DATA": str(self.data),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "PYTHONUNBUFFERED": "1",
        }
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", "serve"],
                cwd=ROOT,
                env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | environment,
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

    def programs(self, name: str) -> list[int]:
        """Process ids of a program of this installation, the parent first."""
        assert self.process
        pattern = f"-P{self.process.pid}"
        found = subprocess.run(
            ["pgrep", pattern, "-f", f"webapp.cli {name}"],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(line) for line in found.stdout.split()]

    def kill_program(self, name: str) -> None:
        """Kill a program and wait until another one has taken its place."""
        (pid,) = self.programs(name)
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.programs(name) not in ([], [pid]))
        if name != "worker":
            until(lambda: self.answers(self.port if name == "web" else self.sandbox_port))

    def answers(self, port: int) -> bool:
        try:
            with httpx.Client(trust_env=False, follow_redirects=True, timeout=5) as client:
                return client.get(f"http://127.0.0.1:{port}/").is_success
        except httpx.HTTPError:
            return False

    def database_id(self) -> int | None:
        try:
            return int((self._cluster() / "postmaster.pid").read_text().split()[0])
        except FileNotFoundError:
            return None

    def _cluster(self) -> Path:
        return self.data / "postgres" / "cluster"


@pytest.fixture
def installation() -> Iterator[Installation]:
    data = MEMORY / f"yijianshi-serve-{uuid4().hex[:12]}"
    place = Installation(data)
    yield place
    place.kill()
    until(lambda: not place.answers(place.port))
    if place.database_id():  # left running when the test killed its starter
        place.start()
        place.stop()
    shutil.rmtree(data, ignore_errors=True)
    data.with_suffix(".log").unlink(missing_ok=True)


def test_everything_comes_up_survives_kills_stops_in_order_and_keeps_its_data(
    installation: Installation,
) -> None:
    installation.start()
    told = installation.told()
    assert f"http://127.0.0.1:{installation.port}/" in told
    assert f"http://127.0.0.1:{installation.sandbox_port}/" in told
    accounts = re.findall(r"^  (\w+) +\S+ +\S+", told, re.MULTILINE)
    assert len(accounts) >= 3

    for name in ("web", "sandbox", "worker"):
        installation.kill_program(name)
    assert installation.answers(installation.port)
    assert installation.answers(installation.sandbox_port)
    database = installation.database_id()
    assert database
    os.kill(database, signal.SIGKILL)
    until(lambda: installation.database_id() not in (None, database))
    until(lambda: installation.answers(installation.port))

    assert installation.stop() == 0
    assert installation.database_id() is None
    assert not installation.answers(installation.port)

    installation.start()
    assert re.findall(r"^  (\w+) +\S+ +\S+", installation.told(), re.MULTILINE) == accounts
    assert installation.stop() == 0


def test_when_it_is_killed_nothing_keeps_the_ports_and_the_next_start_works(
    installation: Installation,
) -> None:
    installation.start()
    installation.kill()
    until(lambda: not installation.answers(installation.port))
    until(lambda: not installation.answers(installation.sandbox_port))
    installation.start()
    assert installation.stop() == 0
    assert installation.database_id() is None


def test_a_second_one_says_that_the_port_is_taken(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        result = subprocess.run(
            [sys.executable, "-m", "webapp.cli", "serve"],
            cwd=ROOT,
            env=os.environ
            | {"PORT": str(installation.port), "YIJIANSHI_DATA": str(installation.data)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert result.returncode == 2
    assert f"端口 {installation.port} 无法使用" in result.stderr
    assert "Traceback" not in result.stderr
