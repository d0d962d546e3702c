"""``yijianshi serve`` as a newcomer starts it: everything up, kept up, and stopped in order."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.installation import ROOT, Installation, installed, until


@pytest.fixture
def installation() -> Iterator[Installation]:
    with installed() as place:
        yield place


def accounts_in(told: str) -> list[str]:
    return re.findall(r"^  \w+　(\w+) +\S+ +\S+", told, re.MULTILINE)


def test_everything_comes_up_survives_kills_stops_in_order_and_keeps_its_data(
    installation: Installation,
) -> None:
    installation.start()
    told = installation.told()
    assert f"http://127.0.0.1:{installation.port}/" in told
    assert f"http://127.0.0.1:{installation.sandbox_port}/" in told
    accounts = accounts_in(told)
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
    assert accounts_in(installation.told()) == accounts
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
