"""Taking in a table from outside: kept sealed, looked through, applied once a person confirms."""

import unicodedata
from uuid import UUID

from sqlalchemy import select, update

from engine import jobs
from engine.access import Actor
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.models import DataKey, Upload, UploadRow
from engine.purposes import PURPOSES
from engine.runtime import Runtime
from engine.sheets import read_tables
from engine.uploads import Work


def take_upload(
    runtime: Runtime,
    purpose: str,
    region: str,
    ref: str,
    name: str,
    content: bytes,
    actor: Actor,
    *,
    full: bool = False,
) -> UUID:
    """Look through a table and keep it with what was found; nothing is applied yet.

    Args:
        purpose: ``result``, ``roster`` or ``apply``.
        ref: id of the exchange, or code of the region's roster.
        name: the file's name, to recognise it by.
        full: everybody is in it; who is missing is listed, never deleted.

    Raises:
        Invalid: the file is of no use, with what to do; nothing was kept.
        NotFound: not the actor's.
    """
    if actor.account_id is None:
        raise NotFound
    tables = read_tables(content)
    key, wrapped = runtime.keyring.new_key()
    with runtime.transaction() as session:
        work = Work(runtime, region, ref, tables, actor, full)
        found = list(PURPOSES[purpose](session, work).look())
        data_key = DataKey(id=new_id(), wrapped=wrapped)
        session.add(data_key)
        session.flush()
        upload = Upload(
            id=new_id(),
            purpose=purpose,
            region=region,
            ref=ref,
            name=_plain(name),
            full=full,
            uploaded_at=runtime.clock.now(),
            uploaded_by=actor.account_id,
            data_key_id=data_key.id,
            content_sealed=key.seal(content),
        )
        session.add(upload)
        session.flush()
        session.add_all(
            UploadRow(
                upload_id=upload.id,
                sheet=one.sheet,
                number=one.number,
                state=one.state,
                note_sealed=key.seal_json(dict(one.note)) if one.note else None,
            )
            for one in found
        )
        return upload.id


def confirm_upload(runtime: Runtime, upload_id: UUID, actor: Actor) -> None:
    """Have the good rows applied; confirming twice is harmless.

    Raises:
        NotFound: no such upload, or not the actor's own.
        Conflict: no row of it is good.
    """
    with runtime.transaction() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None or upload.uploaded_by != actor.account_id:
            raise NotFound
        if upload.confirmed_at is not None:
            return
        ready = select(UploadRow.number).where(
            UploadRow.upload_id == upload_id, UploadRow.state == "ready"
        )
        if session.scalar(ready.limit(1)) is None:
            raise Conflict("没有可以登记的行，请修改后重新上传。")
        upload.confirmed_at = upload.worked_at = runtime.clock.now()
        session.flush()
        runtime.queue.defer(session, jobs.WORK_UPLOAD, [upload_id])


def discard_upload(runtime: Runtime, upload_id: UUID, actor: Actor) -> None:
    """Forget a table that was not confirmed: its contents become unreadable."""
    with runtime.transaction() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None or upload.uploaded_by != actor.account_id or upload.confirmed_at:
            raise NotFound
        upload.finished_at = runtime.clock.now()
        session.execute(
            update(DataKey)
            .where(DataKey.id == upload.data_key_id)
            .values(wrapped=None, destroyed_at=runtime.clock.now())
        )


def _plain(name: str) -> str:
    shown = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return shown.replace("\\", "/").rpartition("/")[2].strip()[-120:] or "未命名"
