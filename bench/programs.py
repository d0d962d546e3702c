"""The programs under measurement: started as in production, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20


@contextmanager
def program(
    name: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    port: int | None = None,
) -> Iterator[None]:
    """Run a Python module in a process group of its own; its log is ``<folder>/<name>.log``.

    Args:
        arguments: what follows ``python -m``.
        port: of 127.0.0.1; waited for until it accepts connections.

    Raises:
        RuntimeError: it ended, or did not listen in time; the message holds the end of its log.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(process, log, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def gunicorn(application: str, port: int, threads: int = 8) -> list[str]:
    """Arguments of one gunicorn worker with so many threads.

    Connections are kept for longer than a pause between rounds: one that is closed at the moment
    it is used again leaves a call unknown, and this agency cannot be asked what became of it.
    """
    return [
        *("gunicorn", "--workers", "1", "--threads", str(threads), "--log-level", "warning"),
        *("--keep-alive", "75"),
        *("--bind", f"127.0.0.1:{port}", "--no-control-socket", application),
    ]


def _wait_for(process: "subprocess.Popen[bytes]", log: Path, port: int | None) -> None:
    until = time.monotonic() + START_SECONDS
    while port is not None and not _listens(port):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{log.stem} does not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
