"""Run by Alembic: brings one database to the newest revision, one process at a time.

``engine.database.upgrade`` hands over two ``attributes``: ``connection`` (owner role) and
``application_role``, the role that revisions grant the application's rights to.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from engine.models import Base

#: Any number, as long as every version of this program uses the same one.
ADVISORY_LOCK = 1_451_014


def _ours(name: str | None, kind: str, parent: Any) -> bool:
    """The queue's tables come with its own SQL and are no business of autogenerate."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_ours,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        # others that boot at the same time wait here, then find nothing left to do
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(text("set local lock_timeout = '5s'"))
        context.run_migrations()


_run(context.config.attributes["connection"])
