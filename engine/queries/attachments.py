"""Reading attachments: their lines on a page, and what is in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from engine.access import Actor, may_see
from engine.errors import NotFound
from engine.media import SHOWN, in_words
from engine.models import Attachment, Case, DataKey
from engine.runtime import Runtime


@dataclass(frozen=True)
class AttachmentLine:
    """A file as a page lists it; ``size`` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime

    @property
    def size_in_words(self) -> str:
        """``820 KB``."""
        return in_words(self.size)

    @property
    def is_image(self) -> bool:
        """Whether a page can show it as a picture."""
        return self.media_type.startswith("image/")

    @property
    def can_be_shown(self) -> bool:
        """Whether a browser can show it by itself."""
        return self.media_type in SHOWN


def attachment_lines(
    runtime: Runtime, ids: Collection[str], actor: Actor
) -> Mapping[str, AttachmentLine]:
    """Look up files by the ids answers refer to them by; what the actor may not see is left out."""
    wanted = [one for text in ids if (one := _uuid(text)) is not None]
    if not wanted:
        return {}
    with runtime.reading() as session:
        rows = session.execute(
            select(Attachment, Case)
            .outerjoin(Case, Case.id == Attachment.case_id)
            .where(Attachment.id.in_(wanted))
        )
        return {str(row.id): _line(row) for row, case in rows if _may_see(actor, row, case)}


def attachments_of(session: Session, case: Case, actor: Actor) -> dict[str, AttachmentLine]:
    """The files answers of a case, or of its person file, refer to; oldest first, by id."""
    ours = Attachment.case_id == case.id
    if case.file_id is not None:
        ours = or_(ours, Attachment.file_id == case.file_id)
    rows = session.execute(
        select(Attachment, Case)
        .join(Case, Case.id == Attachment.case_id)
        .where(ours, Attachment.kept_at.is_not(None))
        .order_by(Attachment.id)
    )
    return {str(row.id): _line(row) for row, owner in rows if may_see(actor, owner)}


def read_attachment(
    runtime: Runtime, attachment_id: UUID, actor: Actor
) -> tuple[AttachmentLine, bytes]:
    """Return a file with its content.

    Raises:
        NotFound: no such file, or not the actor's to see.
    """
    with runtime.reading() as session:
        row = session.execute(
            select(Attachment, Case, DataKey.wrapped)
            .join(DataKey, DataKey.id == Attachment.data_key_id)
            .outerjoin(Case, Case.id == Attachment.case_id)
            .where(Attachment.id == attachment_id)
            .options(undefer(Attachment.content_sealed))
        ).one_or_none()
        if row is None or not _may_see(actor, row[0], row[1]):
            raise NotFound("没有找到该附件，或您无权查看。")
        key = runtime.keyring.unwrap(row[2])
        return _line(row[0]), key.open(bytes(row[0].content_sealed))


def _may_see(actor: Actor, row: Attachment, case: Case | None) -> bool:
    if case is None:
        return row.account_id == actor.account_id
    return may_see(actor, case)


def _line(row: Attachment) -> AttachmentLine:
    return AttachmentLine(
        row.id,
        row.name,
        row.media_type,
        row.size,
        row.sha256,
        row.uploaded_by,
        row.uploaded_at,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
