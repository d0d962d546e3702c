"""Working through a confirmed table, each row in a transaction of its own.

Interrupted anywhere, it goes on at the next row; two workers share the rows between them.
"""

import logging
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.accounts import actor_of
from engine.errors import EngineError, Invalid
from engine.models import DataKey, Upload, UploadRow
from engine.purposes import PURPOSES
from engine.runtime import Runtime
from engine.sealing import SealingKey
from engine.sheets import read_tables
from engine.uploads import Finding, Rows, Work

log = logging.getLogger(__name__)


def work_upload(runtime: Runtime, upload_id: UUID) -> None:
    """Apply the rows that are left of a confirmed upload; nothing when there are none."""
    with runtime.transaction() as session:
        row = session.execute(
            select(Upload, DataKey.wrapped)
            .join(DataKey, DataKey.id == Upload.data_key_id)
            .where(Upload.id == upload_id)
        ).one_or_none()
        if row is None or row[0].confirmed_at is None or row[0].finished_at is not None:
            return
        upload, wrapped = row
        key = runtime.keyring.unwrap(wrapped)
        actor = actor_of(session, upload.uploaded_by)
        if actor is None:  # barred since; goes on when they are let in again
            return
        tables = read_tables(key.open(bytes(upload.content_sealed)))
        work = Work(runtime, upload.region, upload.ref, tables, actor, upload.full)
        rows = PURPOSES[upload.purpose](session, work)
    while _next_row(runtime, upload_id, key, rows):
        pass


def _next_row(runtime: Runtime, upload_id: UUID, key: SealingKey, rows: Rows) -> bool:
    """Apply one row; ``False`` when none is left for us."""
    with runtime.transaction() as session:
        left = select(UploadRow).where(UploadRow.upload_id == upload_id, UploadRow.state == "ready")
        row = session.scalar(
            left.order_by(UploadRow.sheet, UploadRow.number)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            if session.scalar(left.limit(1)) is None:
                session.get_one(Upload, upload_id).finished_at = runtime.clock.now()
            return False
        found = _apply(session, rows, row)
        row.state = found.state
        row.note_sealed = key.seal_json(dict(found.note)) if found.note else None
        session.get_one(Upload, upload_id).worked_at = runtime.clock.now()
        return True


def _apply(session: Session, rows: Rows, row: UploadRow) -> Finding:
    """Apply a row or say why not; what a failed one changed is taken back."""
    try:
        with session.begin_nested():
            return rows.apply(session, row.sheet, row.number)
    except Invalid as error:
        note = dict(error.errors) or {"": error.message}
    except EngineError as error:
        note = {"": error.message}
    except DBAPIError:
        raise  # the database is away: the row stays, and the sweep brings it back
    except Exception:
        log.exception("row failed", extra={"upload_id": str(row.upload_id)})
        note = {"": "系统处理时发生意外，请联系管理员"}
    return Finding(row.sheet, row.number, "wrong", note)
