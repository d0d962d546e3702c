"""The installation a command works on, and who works on it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from sqlalchemy import select

import handlers  # noqa: F401 - registers the operations that packs are checked against
from engine.access import Actor, Grant
from engine.accounts import actor_of
from engine.database import prepare_database
from engine.models import Account, RegionActivation
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_runtime


@dataclass(frozen=True)
class Installation:
    """An open installation.

    Args:
        operator: whoever typed the command. Who can reach the database and its keys can do
            anything, so the operator administers every region; history names the login.
    """

    settings: Settings
    runtime: Runtime
    operator: Actor

    def actor(self, login: str) -> Actor:
        """The actor an account is, for commands that act in somebody's name."""
        with self.runtime.reading() as session:
            account_id = session.scalar(select(Account.id).where(Account.login == login))
            actor = actor_of(session, account_id) if account_id else None
        if actor is None:
            raise click.BadParameter(f"没有可用的账号“{login}”。")
        return actor

    def require_region(self, region: str) -> None:
        """Refuse a region that takes no cases here."""
        known = sorted(self.operator.regions)
        if region not in known:
            raise click.BadParameter(
                f"没有启用地区“{region}”。已启用：{'、'.join(known) or '无'}。"
            )


@contextmanager
def installation() -> Iterator[Installation]:
    """Open the installation that the environment tells of; its database is migrated if need be.

    Raises:
        CannotStart: it is not set up right; the message says what to change.
    """
    with prepare_database(Settings.from_environment()) as ready:
        runtime = make_runtime(ready.settings, "tool", pool_size=1)
        try:
            yield Installation(ready.settings, runtime, _operator(runtime))
        finally:
            runtime.sessions.kw["bind"].dispose()


def _operator(runtime: Runtime) -> Actor:
    with runtime.reading() as session:
        regions = session.scalars(select(RegionActivation.region).distinct()).all()
    name = f"命令行（{_login()}）"
    return Actor(None, name, "staff", frozenset(Grant("admin", r) for r in regions))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user that has no name
        return "未知用户"
