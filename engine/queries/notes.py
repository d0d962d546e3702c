"""备注: the notes on a case, and those that call somebody by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from engine.access import Actor, may_see, visible
from engine.colleagues import Colleague
from engine.errors import NotFound
from engine.models import Case, DataKey, Mention, Note
from engine.notes import TAKE_BACK_MINUTES, readers
from engine.retention import ERASED
from engine.runtime import Runtime

#: One page of what calls somebody; older ones are found on their cases.
_MOST = 100


@dataclass(frozen=True)
class NoteLine:
    """A note as it is read; ``text`` is empty once it was taken back."""

    id: UUID
    author: str
    text: str
    written_at: datetime
    taken_back: bool
    may_take_back: bool
    unread: bool


@dataclass(frozen=True)
class NotesOfCase:
    """The notes, newest first, and who can be called in the next one."""

    notes: Sequence[NoteLine]
    readers: Sequence[Colleague]
    erased: bool


@dataclass(frozen=True)
class MentionLine:
    """A note that calls the actor, and the case it is on."""

    case_no: str
    subject: str
    author: str
    text: str
    written_at: datetime
    unread: bool


def notes_of(runtime: Runtime, case_no: str, actor: Actor) -> NotesOfCase:
    """Read the notes on a case.

    Raises:
        NotFound: no such case, or not the actor's to see; notes are for staff.
    """
    with runtime.reading() as session:
        row = session.execute(
            select(Case, DataKey.wrapped)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(Case.no == case_no)
        ).one_or_none()
        if row is None or actor.kind != "staff" or not may_see(actor, row[0]):
            raise NotFound("没有找到这一办件，或您无权查看。")
        case, wrapped = row
        rows = session.execute(
            select(Note, Mention.note_id)
            .outerjoin(
                Mention,
                (Mention.note_id == Note.id)
                & (Mention.account_id == actor.account_id)
                & Mention.read_at.is_(None),
            )
            .where(Note.case_id == case.id)
            .order_by(Note.written_at.desc(), Note.id.desc())
        ).all()
        since = runtime.clock.now() - timedelta(minutes=TAKE_BACK_MINUTES)
        lines = [
            NoteLine(
                id=note.id,
                author=note.author,
                text=_text(runtime, wrapped, note),
                written_at=note.written_at,
                taken_back=note.taken_back_at is not None,
                may_take_back=note.taken_back_at is None
                and note.account_id == actor.account_id
                and note.written_at >= since,
                unread=called is not None,
            )
            for note, called in rows
        ]
        others = [one for one in readers(session, case) if one.id != actor.account_id]
        return NotesOfCase(lines, others, wrapped is None)


def mentions(runtime: Runtime, actor: Actor) -> Sequence[MentionLine]:
    """List the notes that call the actor, newest first; on cases the actor may still see."""
    with runtime.reading() as session:
        rows = session.execute(
            select(Note, Case.no, Case.subject, DataKey.wrapped, Mention.read_at)
            .join(Mention, Mention.note_id == Note.id)
            .join(Case, Case.id == Note.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(
                Mention.account_id == actor.account_id, Note.taken_back_at.is_(None), visible(actor)
            )
            .order_by(Note.written_at.desc(), Note.id.desc())
            .limit(_MOST)
        )
        return [
            MentionLine(
                no,
                subject,
                note.author,
                _text(runtime, wrapped, note),
                note.written_at,
                read_at is None,
            )
            for note, no, subject, wrapped, read_at in rows
        ]


def count_mentions(runtime: Runtime, actor: Actor) -> int:
    """How many notes call the actor that were not read yet."""
    with runtime.reading() as session:
        counted = session.scalar(
            select(func.count())
            .select_from(Mention)
            .join(Note, Note.id == Mention.note_id)
            .join(Case, Case.id == Note.case_id)
            .where(
                Mention.account_id == actor.account_id,
                Mention.read_at.is_(None),
                Note.taken_back_at.is_(None),
                visible(actor),
            )
        )
        return counted or 0


def _text(runtime: Runtime, wrapped: bytes | None, note: Note) -> str:
    if note.text_sealed is None:
        return ""
    if wrapped is None:
        return ERASED
    return runtime.keyring.unwrap(wrapped).open_text(bytes(note.text_sealed))
