"""What this installation is told by its environment: one frozen ``Settings``, read once at start.

=============================  ==================  ==============================================
variable                       default             meaning
=============================  ==================  ==============================================
``YIJIANSHI_DATA``             ``var``             folder of embedded database and secrets
``DATABASE_URL``               embedded            address as the restricted role
``DATABASE_OWNER_URL``         ``DATABASE_URL``    address as the owner: migrations
``PORT``                       8000                web, on 127.0.0.1
``SANDBOX_PORT``               8010                agency sandbox, on 127.0.0.1
``YIJIANSHI_DEMO``             on when embedded    demo accounts, synthetic people, movable clock
``YIJIANSHI_HEARTBEAT``        10                  seconds between a worker's signs of life
``YIJIANSHI_STALL``            30                  silent seconds after which its jobs are freed
``YIJIANSHI_MASTER_KEY``       ``secrets/`` file   64 hex digits; wraps the keys of people
``YIJIANSHI_INDEX_KEY``        ``secrets/`` file   64 hex digits; keyed hashes for exact search
``YIJIANSHI_CIPHER``           aes-256-gcm         what is sealed with from now on, or sm4-gcm
``YIJIANSHI_SESSION_SECRET``   ``secrets/`` file   64 hex digits; signs browser sessions
``YIJIANSHI_AGENCY_SECRET``    ``secrets/`` file   64 hex digits; signs agency messages
``YIJIANSHI_PUBLIC_URL``       as asked for        address under which people reach the web
``YIJIANSHI_IDENTITY_ISSUER``  the region's        address of the unified identity platform
``YIJIANSHI_IDENTITY_CLIENT``  the region's        how the platform calls this installation
``YIJIANSHI_IDENTITY_SECRET``  none                the secret it gave; without it: not connected
``YIJIANSHI_SECOND_FACTOR``    staff; demo: off    whose passwords are not enough: staff, or off
``YIJIANSHI_IDLE_STAFF``       120                 minutes staff may do nothing and stay signed in
``YIJIANSHI_IDLE_OTHERS``      30                  the same for units and retirees
``YIJIANSHI_SESSION_HOURS``    12                  hours after which everybody signs in again
``YIJIANSHI_PROXIES``          0                   reverse proxies that add to X-Forwarded-For
``YIJIANSHI_LOOPBACK``         demo: on; off       agencies, or a gateway to them, on this machine
``YIJIANSHI_ONE_ROLE``         off                 start though no row-level security binds us
=============================  ==================  ==============================================
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from engine.ciphers import AES, CIPHERS, require_cipher
from engine.errors import CannotStart

_SECRETS = ("master_key", "index_key", "session_secret", "agency_secret")


@dataclass(frozen=True)
class Settings:
    """Everything configurable about one process. Secrets never show in ``repr`` or logs.

    Args:
        data: absolute folder that holds what must survive a restart.
        database_url: restricted role, ``postgresql+psycopg://…``; None until the embedded
            database has been started (``engine.database.prepare_database`` fills it).
        database_owner_url: owner role; None as above.
        heartbeat_seconds, stall_seconds: see the table above; stall is at least twice heartbeat.
        master_key, index_key, session_secret, agency_secret: 32 bytes each.
        cipher: a key of ``engine.ciphers.CIPHERS``; what was sealed with another stays readable.
        public_url: without a slash at its end; empty: the address a request was sent to.
        identity_issuer, identity_client, identity_secret: the identity platform (OpenID Connect);
            the first two win over the region's ``[identity]``.
        second_factor: ``staff`` or ``off``.
        idle_staff, idle_others: minutes. Whoever works at a window has a lunch break of an hour
            and a half in the middle of a form; applicants may sit at a computer for everybody.
        session_hours: a working day with overtime, and never until the next morning.
        proxies: of the addresses in X-Forwarded-For, so many from the end are true; 0: none.
        loopback: requests to agencies may go to this machine, where a gateway stands.
        one_role: the database's owner, or a superuser, may do the application's work.
    """

    data: Path
    database_url: str | None = field(repr=False)
    database_owner_url: str | None = field(repr=False)
    port: int
    sandbox_port: int
    demo: bool
    heartbeat_seconds: float
    stall_seconds: float
    master_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    session_secret: bytes = field(repr=False)
    agency_secret: bytes = field(repr=False)
    cipher: str = AES
    public_url: str = ""
    identity_issuer: str = ""
    identity_client: str = ""
    identity_secret: str = field(default="", repr=False)
    second_factor: str = "off"
    idle_staff: int = 120
    idle_others: int = 30
    session_hours: int = 12
    proxies: int = 0
    loopback: bool = False
    one_role: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; make missing secrets and keep them in the data folder.

        Raises:
            CannotStart: a value cannot be used; the message names the variable (do not retry).
        """
        data = Path(environ.get("YIJIANSHI_DATA") or "var").absolute()
        url = _database_url(environ, "DATABASE_URL")
        heartbeat = _seconds(environ, "YIJIANSHI_HEARTBEAT", 10)
        stall = _seconds(environ, "YIJIANSHI_STALL", 30)
        if stall < 2 * heartbeat:
            raise _wrong(
                "YIJIANSHI_STALL", "至少应为 YIJIANSHI_HEARTBEAT 的两倍", "be >= 2 heartbeats"
            )
        owner_url = _database_url(environ, "DATABASE_OWNER_URL")
        demo = _switch(environ, "YIJIANSHI_DEMO", default=url is None)
        if owner_url and not url:
            raise _wrong("DATABASE_URL", "设置了 DATABASE_OWNER_URL 时必须同时设置", "be set too")
        return cls(
            data=data,
            database_url=url,
            database_owner_url=owner_url or url,
            port=_port(environ, "PORT", 8000),
            sandbox_port=_port(environ, "SANDBOX_PORT", 8010),
            demo=demo,
            heartbeat_seconds=heartbeat,
            stall_seconds=stall,
            **{name: _secret(environ, data / "secrets", name) for name in _SECRETS},
            cipher=_cipher(environ),
            public_url=_address(environ, "YIJIANSHI_PUBLIC_URL"),
            identity_issuer=_address(environ, "YIJIANSHI_IDENTITY_ISSUER"),
            identity_client=environ.get("YIJIANSHI_IDENTITY_CLIENT", "").strip(),
            identity_secret=environ.get("YIJIANSHI_IDENTITY_SECRET", "").strip(),
            second_factor=_second_factor(environ, "off" if demo else "staff"),
            idle_staff=_whole(environ, "YIJIANSHI_IDLE_STAFF", 120, 1440, "分钟数"),
            idle_others=_whole(environ, "YIJIANSHI_IDLE_OTHERS", 30, 1440, "分钟数"),
            session_hours=_whole(environ, "YIJIANSHI_SESSION_HOURS", 12, 168, "小时数"),
            proxies=_whole(environ, "YIJIANSHI_PROXIES", 0, 5, "个数", least=0),
            loopback=_switch(environ, "YIJIANSHI_LOOPBACK", default=demo),
            one_role=_switch(environ, "YIJIANSHI_ONE_ROLE", default=False),
        )

    def idle(self, kind: str) -> timedelta:
        """How long an account of a kind may do nothing and stay signed in."""
        return timedelta(minutes=self.idle_staff if kind == "staff" else self.idle_others)

    def asks_second_factor(self, kind: str) -> bool:
        """Whether accounts of a kind must prove more than a password."""
        return kind == "staff" and self.second_factor == "staff"

    def as_environment(self) -> dict[str, str]:
        """The variables under which a child process reads the very same settings.

        Secrets are left out: they come from the same files or from the inherited environment.
        """
        values = {
            "YIJIANSHI_DATA": str(self.data),
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "YIJIANSHI_DEMO": "1" if self.demo else "0",
            "YIJIANSHI_HEARTBEAT": str(self.heartbeat_seconds),
            "YIJIANSHI_STALL": str(self.stall_seconds),
            "YIJIANSHI_CIPHER": self.cipher,
            "YIJIANSHI_PUBLIC_URL": self.public_url or None,
            "YIJIANSHI_IDENTITY_ISSUER": self.identity_issuer or None,
            "YIJIANSHI_IDENTITY_CLIENT": self.identity_client or None,
            "YIJIANSHI_SECOND_FACTOR": self.second_factor,
            "YIJIANSHI_IDLE_STAFF": str(self.idle_staff),
            "YIJIANSHI_IDLE_OTHERS": str(self.idle_others),
            "YIJIANSHI_SESSION_HOURS": str(self.session_hours),
            "YIJIANSHI_PROXIES": str(self.proxies),
            "YIJIANSHI_LOOPBACK": "1" if self.loopback else "0",
            "YIJIANSHI_ONE_ROLE": "1" if self.one_role else "0",
        }
        return {name: value for name, value in values.items() if value is not None}


def _wrong(name: str, chinese: str, english: str) -> CannotStart:
    return CannotStart(f"环境变量 {name} 有误：{chinese}。（{name} must {english}.）")


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    """The address with the driver we use, whichever of the usual spellings was given."""
    value = environ.get(name, "").strip()
    if not value:
        return None
    try:
        url = make_url(value)
    except ArgumentError:
        raise _wrong(name, "不是数据库地址", "look like postgresql://user@host/name") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise _wrong(name, "只支持 PostgreSQL", "be a postgresql:// address")
    if not url.database:
        raise _wrong(name, "缺少数据库名", "name a database")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise _wrong(name, "应为 1 至 65535 的端口号", "be a port number")
    return int(value)


def _address(environ: Mapping[str, str], name: str) -> str:
    """An address without query, as it was written; ``http`` will do on this machine only."""
    value = environ.get(name, "").strip()
    try:
        url = urlsplit(value)
        fine = bool(url.hostname) and not (url.query or url.fragment or url.username)
    except ValueError:
        fine = False
    here = fine and url.hostname == "127.0.0.1"
    if value and not (fine and (url.scheme == "https" or (here and url.scheme == "http"))):
        raise _wrong(name, "应为 https:// 开头的地址", "be an https:// address")
    return value if name.endswith("ISSUER") else value.rstrip("/")


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    value = environ.get(name, "").strip() or str(default)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0.1 <= seconds <= 3600:
        raise _wrong(name, "应为 0.1 至 3600 的秒数", "be seconds between 0.1 and 3600")
    return seconds


def _whole(
    environ: Mapping[str, str], name: str, default: int, most: int, unit: str, *, least: int = 1
) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise _wrong(name, f"应为 {least} 至 {most} 的{unit}", f"be between {least} and {most}")
    return int(value)


def _second_factor(environ: Mapping[str, str], default: str) -> str:
    value = environ.get("YIJIANSHI_SECOND_FACTOR", "").strip().lower() or default
    if value not in ("off", "staff"):
        raise _wrong("YIJIANSHI_SECOND_FACTOR", "应为 staff 或 off", "be staff or off")
    return value


def _cipher(environ: Mapping[str, str]) -> str:
    value = environ.get("YIJIANSHI_CIPHER", "").strip().lower() or AES
    if value not in CIPHERS:
        raise _wrong("YIJIANSHI_CIPHER", f"应为 {'、'.join(CIPHERS)} 之一", "be a known cipher")
    require_cipher(value)
    return value


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise _wrong(name, "应为 1 或 0", "be 1 or 0")
    return value in ("1", "true", "yes", "on")


def _secret(environ: Mapping[str, str], folder: Path, name: str) -> bytes:
    """Take the secret from the environment, else from its file, else make it."""
    variable = f"YIJIANSHI_{name.upper()}"
    text = environ.get(variable, "").strip()
    source = variable
    if not text:
        source = str(folder / name)
        text = _kept(folder / name)
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != 32:
        raise CannotStart(
            f"密钥 {source} 有误：应为 64 位十六进制数。（{source} must hold 64 hex digits.）"
        )
    return value


def _kept(file: Path) -> str:
    """Read a secret's file, making it first if need be; processes may race here.

    The file appears complete or not at all, and the first to link it wins.
    """
    if not file.exists():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.parent.chmod(0o700)  # our own folder, nobody else's
            with tempfile.NamedTemporaryFile("w", dir=file.parent) as fresh:  # made 0600
                fresh.write(secrets.token_hex(32))
                fresh.flush()
                os.fsync(fresh.fileno())
                with suppress(FileExistsError):
                    os.link(fresh.name, file)
        except OSError as error:
            raise CannotStart(
                f"无法写入数据目录 {file.parent}：{error.strerror}。请检查 YIJIANSHI_DATA。"
                f"（cannot write to {file.parent}）"
            ) from error
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"无法读取密钥文件 {file}。（cannot read {file}）") from error
