"""Taking in a file somebody hands in."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access import Actor, may_work
from engine.clock import office_date
from engine.covers import in_place_of
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.ids import new_id
from engine.media import file_name, recognise
from engine.models import Attachment, Case, DataKey, WorkItem
from engine.runtime import Runtime
from engine.sealing import SealingKey

#: Files of one account that no answer refers to, within a day; more is a mistake or an attack.
MOST_UNKEPT, WITHIN = 200, timedelta(days=1)


def store_attachment(
    runtime: Runtime, name: str, content: bytes, actor: Actor, work_item_id: UUID | None = None
) -> UUID:
    """Store a file, sealed, and return the id that an answer may refer to it by.

    The same file handed in again for the same case gives the same id.

    Args:
        name: as the person's machine calls it; only shown.
        content: at most ``engine.media.MOST_BYTES``.
        work_item_id: the open task it is for; None for a start form, whose case is not yet there.

    Raises:
        NotFound: no such task, or not the actor's.
        Conflict: the task is done or somebody else's.
        Invalid: not a file we take; the message says what to do. Do not retry with the same file.
    """
    if actor.account_id is None:
        raise Forbidden
    medium = recognise(content)
    with runtime.transaction() as session:
        _require_measure(session, actor.account_id, runtime)
        case = _case(runtime, session, work_item_id, actor) if work_item_id else None
        digest = sha256(content).hexdigest()
        known = _same(session, digest, case, actor.account_id)
        if known is not None:
            return known
        data_key_id, key = _key(runtime, session, case)
        stored = Attachment(
            id=new_id(),
            case_id=case.id if case else None,
            file_id=case.file_id if case else None,
            data_key_id=data_key_id,
            account_id=actor.account_id,
            uploaded_by=actor.name,
            uploaded_at=runtime.clock.now(),
            name=file_name(name, medium),
            media_type=medium.type,
            size=len(content),
            sha256=digest,
            content_sealed=key.seal(content),
        )
        session.add(stored)
        return stored.id


def _require_measure(session: Session, account_id: UUID, runtime: Runtime) -> None:
    count = session.scalar(
        select(func.count())
        .select_from(Attachment)
        .where(
            Attachment.account_id == account_id,
            Attachment.kept_at.is_(None),
            Attachment.uploaded_at > runtime.clock.now() - WITHIN,
        )
    )
    if (count or 0) >= MOST_UNKEPT:
        raise Invalid("今天上传后未提交的文件过多，请先提交已填写的内容，或明天再上传")


def _case(runtime: Runtime, session: Session, work_item_id: UUID, actor: Actor) -> Case:
    task = session.get(WorkItem, work_item_id)
    if task is None or not may_work(actor, task):
        raise NotFound
    if task.state != "open":
        raise Conflict("该环节已办理完成，文件未上传。")
    in_place_of(session, task, actor, office_date(runtime.clock.now()))
    return session.get_one(Case, task.case_id)


def _same(session: Session, digest: str, case: Case | None, account_id: UUID) -> UUID | None:
    query = select(Attachment.id).where(Attachment.sha256 == digest)
    if case is not None:
        return session.scalar(query.where(Attachment.case_id == case.id).limit(1))
    loose = query.where(Attachment.case_id.is_(None), Attachment.account_id == account_id)
    return session.scalar(loose.limit(1))


def _key(runtime: Runtime, session: Session, case: Case | None) -> tuple[UUID, SealingKey]:
    if case is not None:
        wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == case.data_key_id))
        return case.data_key_id, runtime.keyring.unwrap(wrapped)
    key, wrapped = runtime.keyring.new_key()
    own = DataKey(id=new_id(), wrapped=wrapped)
    session.add(own)
    session.flush()
    return own.id, key
