"""Erasing by rule: destroying the key of a list for an agency, or of a table taken in."""

from uuid import UUID

from sqlalchemy import update

from engine.models import DataKey, Upload
from engine.queries.due_tables import due_table
from engine.retention import ERASED
from engine.runtime import Runtime


def erase_table(runtime: Runtime, key_id: UUID) -> bool:
    """Destroy the key of a table whose time is over, for ever; ``False`` when it is not due.

    What it led to stands in the cases. Repeating it is harmless.

    Args:
        key_id: of ``engine.queries.due_tables.due_tables``.
    """
    with runtime.transaction() as session:
        key = session.get(DataKey, key_id, with_for_update=True)
        if key is None or due_table(runtime, session, key_id) is None:
            return False
        # people call their files after those who are in them
        session.execute(update(Upload).where(Upload.data_key_id == key_id).values(name=ERASED))
        key.wrapped, key.destroyed_at = None, runtime.clock.now()
        return True
