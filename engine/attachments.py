"""Attachments inside a command: which files an answer may refer to, and keeping those it does."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, undefer

from engine.models import Attachment, Case, DataKey
from engine.runtime import Runtime
from engine.sealing import SealingKey


def files_of_case(session: Session, case: Case) -> frozenset[str]:
    """Ids of the files answers in this case may refer to: its own, and its person file's."""
    mine = Attachment.case_id == case.id
    if case.file_id is not None:
        mine = or_(mine, Attachment.file_id == case.file_id)
    return frozenset(map(str, session.scalars(select(Attachment.id).where(mine))))


def loose_files(session: Session, account_id: UUID | None) -> frozenset[str]:
    """Ids of the files an account handed in for a case that is not yet begun."""
    query = select(Attachment.id).where(
        Attachment.account_id == account_id, Attachment.case_id.is_(None)
    )
    return frozenset(map(str, session.scalars(query)))


def keep(session: Session, ids: Collection[str], now: datetime) -> None:
    """Remember that an answer refers to these files, so that they stay."""
    if ids:
        session.execute(
            update(Attachment)
            .where(Attachment.id.in_([UUID(one) for one in ids]), Attachment.kept_at.is_(None))
            .values(kept_at=now)
        )


def adopt(
    runtime: Runtime, session: Session, case: Case, key: SealingKey, ids: Iterable[str]
) -> None:
    """Bring loose files into a case: sealed under its key, so that erasing it erases them."""
    for one in ids:
        found = session.get(Attachment, UUID(one), options=[undefer(Attachment.content_sealed)])
        if found is None or found.case_id is not None:
            continue
        own = session.get_one(DataKey, found.data_key_id)
        content = runtime.keyring.unwrap(own.wrapped).open(bytes(found.content_sealed))
        found.content_sealed = key.seal(content)
        found.data_key_id, found.case_id, found.file_id = case.data_key_id, case.id, case.file_id
        found.kept_at = runtime.clock.now()
        session.flush()
        session.delete(own)
