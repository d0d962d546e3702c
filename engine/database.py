"""Connections to PostgreSQL, and the way a database becomes ready for use.

Two roles: the owner owns the tables and migrates; web, worker and everything else connect as the
restricted application role. Nothing ever runs as ``postgres`` except making these two.
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import NullPool

from engine.embedded_postgres import EmbeddedPostgres
from engine.errors import CannotStart
from engine.models import Setting
from engine.scope import NOTHING, SYSTEM, Scope, current, tell
from engine.settings import Settings

log = logging.getLogger(__name__)
DATABASE = "yijianshi"
OWNER_ROLE = "yjs_owner"
APPLICATION_ROLE = "yjs_app"

Purpose = Literal["web", "worker", "tool"]
#: A page may not hang; a worker or a tool may work through a long list.
_STATEMENT_SECONDS: dict[Purpose, int] = {"web": 15, "worker": 120, "tool": 0}
_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str, purpose: Purpose = "tool", *, pool_size: int = 5) -> Engine:
    """Return an engine whose sessions speak UTC and never hold a lock while idle for long.

    Args:
        url: ``postgresql+psycopg://…``, normally the application role's.
        purpose: who asks; shown in ``pg_stat_activity``, decides the statement timeout and what
            is seen by work that says no scope (``engine.scope``): by the web nothing.
        pool_size: connections kept open per process; twice as many may be open at a peak.
    """
    options = {
        "timezone": "UTC",
        # a frozen process must not keep a case locked: the others could never take over
        "idle_in_transaction_session_timeout": "60s",
        "statement_timeout": f"{_STATEMENT_SECONDS[purpose]}s",
    }
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        hide_parameters=True,  # an error in a log must not show whom it was about
        connect_args={
            "application_name": f"yijianshi {purpose}",
            "connect_timeout": 10,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    event.listen(engine, "checkout", _require_open)
    event.listen(engine, "checkout", _scoped(NOTHING if purpose == "web" else SYSTEM))
    return engine


def _require_open(raw: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection whose server ended it: a restart must fail no request.

    A server that ends a connection leaves word on the socket. Looking there costs nothing; asking
    the server (``pool_pre_ping``) would be one more round trip in every transaction.
    """
    try:
        raw.pgconn.consume_input()  # may bring its parting words only …
        raw.pgconn.consume_input()  # … and then its end
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error


def _scoped(default: Scope) -> Callable[[Any, Any, object], None]:
    """Tell every connection that is taken whose rows it shows, unless it was told so before."""

    def told(raw: Any, record: Any, _proxy: object) -> None:
        scope = current(default)
        if record.info.get("scope") == scope:
            return
        record.info.pop("scope", None)
        try:
            tell(raw, scope)
        except psycopg.OperationalError as error:
            raise InvalidatePoolError from error
        record.info["scope"] = scope

    return told


def conninfo(url: str) -> str:
    """The same address as libpq spells it, for drivers that bypass SQLAlchemy (the job queue)."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@dataclass(frozen=True)
class ReadyDatabase:
    """A migrated database, and the settings that lead to it.

    Args:
        settings: as given, with both database addresses filled in.
        server: our own server if it is embedded, else None.
    """

    settings: Settings
    server: EmbeddedPostgres | None

    def close(self) -> None:
        """Stop using it; the embedded server stops when nobody else does."""
        if self.server:
            self.server.stop()

    def __enter__(self) -> "ReadyDatabase":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def prepare_database(settings: Settings) -> ReadyDatabase:
    """Start the embedded server if there is no ``DATABASE_URL``, then migrate. Safe to repeat.

    Raises:
        CannotStart: no connection, no right to migrate, other keys than the data's, or no
            row-level security for us (do not retry; the message says why).
    """
    server = None
    if settings.database_url is None:
        server = EmbeddedPostgres(settings.data / "postgres")
        server.start()
        try:
            make_database(server, DATABASE)
        except BaseException:
            server.stop()
            raise
        settings = replace(
            settings,
            database_url=server.url(APPLICATION_ROLE, DATABASE),
            database_owner_url=server.url(OWNER_ROLE, DATABASE),
        )
    ready = ReadyDatabase(settings, server)
    try:
        upgrade(*_owner_and_role(settings))
        _check_role(settings)
        _check_keys(settings)
    except OperationalError as error:
        ready.close()
        raise CannotStart(
            f"无法连接数据库，请检查 DATABASE_URL 与 DATABASE_OWNER_URL。（{error.orig}）"
        ) from error
    except BaseException:
        ready.close()
        raise
    return ready


def _owner_and_role(settings: Settings) -> tuple[str, str]:
    """Who migrates, and the role that is then granted the application's rights."""
    if settings.database_url is None or settings.database_owner_url is None:
        raise CannotStart("缺少数据库地址。（no database address）")
    return settings.database_owner_url, make_url(settings.database_url).username or APPLICATION_ROLE


def key_mark(master: bytes, index: bytes) -> str:
    """What a database remembers of the keys it is sealed under; tells nothing about them."""
    return hmac.digest(master + index, b"yijianshi", "sha256").hex()


def _check_role(settings: Settings) -> None:
    """Make sure that row-level security binds the application (``engine.scope``).

    It binds neither the owner of the tables, nor whoever is a member of the owner, nor a superuser.
    """
    engine = create_engine(str(settings.database_url), poolclass=NullPool)
    with engine.connect() as connection:
        role, bound = connection.execute(
            text("select current_user, row_security_active('case_')")
        ).one()
    if bound:
        return
    said = (
        f"数据库角色“{role}”不受行级安全约束：它是表的所有者、其成员或超级用户，程序一处疏漏就可能"
        "看到所有地区的数据。请另建一个普通角色写入 DATABASE_URL，所有者只写入 DATABASE_OWNER_URL。"
    )
    if not (settings.demo or settings.one_role):
        raise CannotStart(
            f"{said}确需如此的，设置 YIJIANSHI_ONE_ROLE=1。"
            f"（row-level security does not bind {role}）"
        )
    log.warning(said)


def _check_keys(settings: Settings) -> None:
    """Make sure that these are the keys the database's contents were sealed under.

    Fresh keys on old data (a lost ``secrets/`` folder, a second machine) would leave people's data
    unreadable and write more under other keys; so nothing starts.
    """
    mark = key_mark(settings.master_key, settings.index_key)
    engine = create_engine(str(settings.database_url), poolclass=NullPool)
    with engine.begin() as connection:
        row = insert(Setting).values(key="keys", value=mark)
        connection.execute(row.on_conflict_do_nothing())
        kept = connection.scalar(select(Setting.value).where(Setting.key == "keys"))
    if kept != mark:
        raise CannotStart(
            f"密钥与数据库不符：请恢复原来的 {settings.data / 'secrets'} 目录，"
            "或原来的 YIJIANSHI_MASTER_KEY 与 YIJIANSHI_INDEX_KEY。"
            "（these are not the keys this database was made with）"
        )


def make_database(server: EmbeddedPostgres, name: str) -> None:
    """Make both roles and a database that the owner owns, where they do not exist yet."""
    superuser = create_engine(
        server.url("postgres", "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with superuser.connect() as connection:
        # several processes may boot at once
        connection.execute(text("select pg_advisory_lock(hashtext('make_database'))"))
        roles = set(connection.scalars(text("select rolname from pg_roles")))
        for role in {OWNER_ROLE, APPLICATION_ROLE} - roles:
            connection.execute(
                text(f"create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls")
            )
        databases = set(connection.scalars(text("select datname from pg_database")))
        if name not in databases:
            connection.execute(text(f"create database {name} owner {OWNER_ROLE}"))
            connection.execute(text(f"revoke all on database {name} from public"))
            connection.execute(text(f"grant connect on database {name} to {APPLICATION_ROLE}"))


def upgrade(owner_url: str, application_role: str = APPLICATION_ROLE) -> None:
    """Bring the schema to the newest revision as its owner; processes that boot at once take turns.

    Args:
        owner_url: the owner role's address.
        application_role: who is granted the rights that revisions give away.
    """
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        command.upgrade(_alembic(connection=connection, application_role=application_role), "head")
        connection.commit()


def _alembic(**attributes: object) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    configuration.attributes.update(attributes)
    return configuration
