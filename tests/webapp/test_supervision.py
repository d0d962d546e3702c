"""Real programs under a real supervisor: killed, broken, orphaned, asked to stop."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.embedded_postgres import EmbeddedPostgres
from engine.errors import CannotStart
from webapp.supervision import SUPERVISOR, Child, Supervisor, require_free_port

ROOT = Path(__file__).parents[2]


def program(name: str, code: str, *arguments: object) -> Child:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return Child(name, command, os.environ | {"PYTHONPATH": str(ROOT)})


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def stopping(supervisor: Supervisor, when: Callable[[], object]) -> Iterator[None]:
    """Stop the supervisor, which runs in the main thread, once something is so."""
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            until(when)
        except BaseException as error:
            failures.append(error)
        finally:
            supervisor.stop()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()
    assert not failures, failures


def test_a_program_that_dies_is_started_again(tmp_path: Path) -> None:
    child = program(
        "lives twice",
        """
        import os, pathlib, sys, time
        log = pathlib.Path(sys.argv[1])
        log.open("a").write("started\\n")
        if log.read_text().count("started") == 1:
            os.kill(os.getpid(), 9)
        time.sleep(60)
        """,
        tmp_path / "log",
    )
    supervisor = Supervisor([child], None, ready=lambda: False, announce=lambda: None)
    log = tmp_path / "log"
    with stopping(supervisor, lambda: log.exists() and log.read_text().count("started") == 2):
        supervisor.run()
    assert child.process_id is None


def test_what_a_killed_program_left_behind_is_killed_before_it_starts_again(
    tmp_path: Path,
) -> None:
    child = program(
        "parent",
        """
        import os, pathlib, subprocess, sys, time
        log = pathlib.Path(sys.argv[1])
        again = log.exists()
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        with log.open("a") as file:
            file.write(f"{worker.pid}\\n")
        if not again:
            os.kill(os.getpid(), 9)
        time.sleep(60)
        """,
        tmp_path / "log",
    )
    supervisor = Supervisor([child], None, ready=lambda: False, announce=lambda: None)
    log = tmp_path / "log"
    with stopping(supervisor, lambda: log.exists() and len(log.read_text().splitlines()) == 2):
        supervisor.run()
    workers = [int(line) for line in log.read_text().splitlines()]
    until(lambda: not any(is_alive(pid) for pid in workers))


def test_everything_is_asked_to_end_and_may_finish_its_work(tmp_path: Path) -> None:
    child = program(
        "careful",
        """
        import pathlib, signal, sys, time
        place = pathlib.Path(sys.argv[1])
        def end(*_):
            place.joinpath("finished").touch()
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        place.joinpath("started").touch()
        time.sleep(60)
        """,
        tmp_path,
    )
    supervisor = Supervisor([child], None, ready=lambda: False, announce=lambda: None)
    with stopping(supervisor, (tmp_path / "started").exists):
        supervisor.run()
    assert (tmp_path / "finished").exists()


def test_ctrl_c_ends_the_run(tmp_path: Path) -> None:
    child = program(
        "sleeper", "import pathlib,sys,time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)",
        tmp_path / "started",
    )  # fmt: skip
    supervisor = Supervisor(
        [child],
        None,
        ready=(tmp_path / "started").exists,
        announce=lambda: os.kill(os.getpid(), signal.SIGINT),
    )
    supervisor.run()
    assert child.process_id is None


def test_a_program_that_is_not_set_up_right_ends_everything() -> None:
    child = program("wrong", "import sys; sys.exit(2)")
    supervisor = Supervisor([child], None, ready=lambda: False, announce=lambda: None)
    with pytest.raises(CannotStart, match="wrong 无法启动"):
        supervisor.run()


def test_a_program_that_once_ran_and_then_cannot_start_is_tried_again(tmp_path: Path) -> None:
    """The database recovers while it starts: that looks to it as if the address were wrong."""
    program_code = """
        import pathlib, sys, time
        runs = pathlib.Path(sys.argv[1])
        runs.write_text(runs.read_text() + "x")
        if len(runs.read_text()) == 2:
            sys.exit(2)
        time.sleep(60)
    """
    runs = tmp_path / "runs"
    runs.write_text("")
    child = program("recovering", program_code, runs)

    def kill() -> None:
        assert child.process_id
        os.kill(child.process_id, signal.SIGKILL)

    supervisor = Supervisor([child], None, ready=lambda: runs.read_text() == "x", announce=kill)
    with stopping(supervisor, when=lambda: runs.read_text() == "xxx"):
        supervisor.run()


def test_a_database_that_is_killed_while_it_starts_is_started_again() -> None:
    class Slow(EmbeddedPostgres):
        starts = 0

        def process_id(self) -> int | None:
            return None if self.starts < 3 else 1

        def start(self) -> None:
            self.starts += 1
            if self.starts == 2:
                raise CannotStart("内置数据库无法启动。")

    server = Slow(Path("unused"))
    supervisor = Supervisor([], server, ready=lambda: True, announce=lambda: None)
    with stopping(supervisor, when=lambda: server.starts == 3):
        supervisor.run()


def test_a_program_that_keeps_dying_from_the_start_ends_everything() -> None:
    broken = program("broken", "import sys; sys.exit(3)")
    sound = program("sound", "import time; time.sleep(60)")
    supervisor = Supervisor([sound, broken], None, ready=lambda: False, announce=lambda: None)
    with pytest.raises(CannotStart, match="broken 反复退出"):
        supervisor.run()
    assert sound.process_id is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses Linux's parent-death signal")
def test_programs_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    follower = (
        "import pathlib, sys, time\n"
        "from webapp.supervision import end_with_supervisor\n"
        "end_with_supervisor()\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(60)\n"
    )
    supervisor = (
        "import os, subprocess, sys, time\n"
        f"os.environ[{SUPERVISOR!r}] = str(os.getpid())\n"
        "child = subprocess.Popen([sys.executable, '-c', *sys.argv[1:]])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", supervisor, follower, str(tmp_path / "follows")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        until((tmp_path / "follows").exists)
        process.kill()
    until(lambda: not is_alive(pid))


def test_a_taken_port_is_named_with_the_variable_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"端口 {port} .*SANDBOX_PORT"):
            require_free_port(port, "SANDBOX_PORT")
    require_free_port(port, "SANDBOX_PORT")
