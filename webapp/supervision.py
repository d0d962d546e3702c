"""Running several programs as one: started together, watched, restarted, stopped together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event

import structlog

from engine.embedded_postgres import EmbeddedPostgres
from engine.errors import CannotStart

SUPERVISOR = "YIJIANSHI_SUPERVISOR"
#: A program that ran this long had started well; its next restart is at once.
SETTLED_SECONDS = 10
LONGEST_PAUSE_SECONDS = 15
GRACE_SECONDS = 20
#: Before everything was ready once, a program that keeps dying has a mistake, not a mishap.
DEATHS_BEFORE_GIVING_UP = 3

log = structlog.get_logger()


class Child:
    """One program under supervision, in a process group of its own.

    Ctrl-C reaches the supervisor only, so that everything ends in order.
    """

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._next_start = 0.0
        self.deaths_in_a_row = 0
        self.refused_to_start = False

    @property
    def process_id(self) -> int | None:
        """The program's process id while it runs."""
        return self._process.pid if self._process else None

    def keep_running(self) -> None:
        """Start the program if it does not run, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._next_start:
                self._start(now)
            return
        status = self._process.poll()
        if status is None:
            return
        self._end_leftovers()
        self._process = None
        self.refused_to_start = status == 2
        settled = now - self._started_at > SETTLED_SECONDS
        self.deaths_in_a_row = 0 if settled else self.deaths_in_a_row + 1
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2**self.deaths_in_a_row)
        self._next_start = now if settled else now + pause
        log.warning("program_died", program=self.name, status=status)

    def ask_to_end(self) -> None:
        """Ask the program to finish what it does and end."""
        if self._process:
            with suppress(ProcessLookupError):
                self._process.terminate()

    def end(self, seconds: float) -> None:
        """Wait for the program, then end it and whatever it left behind."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=max(0, seconds))
        self._end_leftovers()
        self._process.wait()
        self._process = None

    def _start(self, now: float) -> None:
        self._started_at = now
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            self._arguments,
            env=self._environment | {SUPERVISOR: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end_leftovers(self) -> None:
        """Kill the program's whole group: its own children may hold a port it needs next time."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


class Supervisor:
    """Keeps programs and the embedded database running until it is told to stop.

    Args:
        children: the programs, in the order they are started.
        server: the embedded PostgreSQL they use, if any; it is brought back when it dies.
        ready: asked until it says yes once; then ``announce`` is called.
    """

    def __init__(
        self,
        children: Sequence[Child],
        server: EmbeddedPostgres | None,
        ready: Callable[[], bool],
        announce: Callable[[], None],
    ) -> None:
        self._children = children
        self._server = server
        self._ready = ready
        self._announce = announce
        self._announced = False
        self._stop = Event()

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP, then stop everything.

        Raises:
            CannotStart: a program is not set up right or keeps dying from the start.
        """
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            while not self._stop.is_set():
                self._look_after_all()
                self._stop.wait(0.2)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Let ``run`` come to its end; safe to call from any thread."""
        self._stop.set()

    def _on_signal(self, number: int, frame: object) -> None:
        self.stop()

    def _look_after_all(self) -> None:
        self._look_after_database()
        for child in self._children:
            child.keep_running()
            if not self._announced:
                _require_hope(child)
        if not self._announced and self._ready():
            self._announced = True
            self._announce()

    def _look_after_database(self) -> None:
        if self._server is None or self._server.process_id() is not None:
            return
        log.warning("database_died")
        try:
            self._server.start()
        except CannotStart as error:
            # killed while it started, or the disk is full: what ran before will run again
            log.exception("database_does_not_start", message=error.message)

    def _end_all(self) -> None:
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            child.end(deadline - time.monotonic())


def _require_hope(child: Child) -> None:
    """Before everything ran once, a program that ends has a mistake; afterwards it is restarted.

    A database that recovers looks like a wrong address to a program that starts meanwhile.

    Raises:
        CannotStart: it is not set up right, and has said why, or it keeps dying.
    """
    if child.refused_to_start:
        raise CannotStart(f"{child.name} 无法启动，请看上面的说明。（{child.name} cannot start）")
    if child.deaths_in_a_row >= DEATHS_BEFORE_GIVING_UP:
        raise CannotStart(
            f"{child.name} 反复退出，已停止启动，请看上面的错误。（{child.name} keeps dying）"
        )


def end_with_supervisor() -> None:
    """In a supervised program: end when the supervisor is killed. Linux only; elsewhere nothing.

    Orphans would keep the ports and the database busy.
    """
    supervisor = os.environ.get(SUPERVISOR)
    if not supervisor or not sys.platform.startswith("linux"):
        return
    die_with_parent = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
    ctypes.CDLL(None, use_errno=True).prctl(die_with_parent, signal.SIGTERM)
    if os.getppid() != int(supervisor):  # it died before we could ask
        sys.exit(1)


def require_free_port(port: int, variable: str) -> None:
    """Make sure that nobody listens on the port.

    Raises:
        CannotStart: somebody does; the message names the variable that chooses another.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"端口 {port} 无法使用（{error.strerror}）。系统可能已在运行；"
                f"否则请用环境变量 {variable} 另选端口，例如 {variable}={port + 100} make run。"
                f"（port {port} is not free）"
            ) from None
