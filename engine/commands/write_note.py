"""备注: writing a note on a case, calling colleagues by name, and taking a note back."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, may_see
from engine.colleagues import Colleague
from engine.errors import Conflict, Invalid, NotFound
from engine.forms import unprintable
from engine.models import Case, DataKey, Mention, Note
from engine.notes import TAKE_BACK_MINUTES, readers
from engine.runtime import Runtime

LONGEST_NOTE = 1000

#: ``@`` and what may be a name: until a blank or a sign that ends one. Not in an e-mail address.
_CALL = re.compile(r"(?<![A-Za-z0-9._-])@([^\s@，。；：、！？,.;:!?]+)")


def write_note(runtime: Runtime, case_no: str, text: str, to: Sequence[UUID], actor: Actor) -> UUID:
    """Write a note, at any time in the life of a case; it is no part of what the case decides.

    Args:
        text: 1 to 1000 characters. ``@姓名`` calls a colleague who may see the case.
        to: accounts of colleagues to call besides, or to tell namesakes apart.

    Raises:
        NotFound: no such case, or not the actor's to see; notes are for staff.
        Invalid: no text, too long a one, or a name nobody or several answer to.
        Unsealable: the case was erased by rule.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_NOTE or unprintable(text):
        raise Invalid(errors={"text": f"请填写备注（{LONGEST_NOTE} 字以内）。"})
    with runtime.transaction() as session:
        case = _case(session, case_no, actor)
        called = _called(readers(session, case), text, set(to))
        wrapped = session.scalars(
            select(DataKey.wrapped).where(DataKey.id == case.data_key_id)
        ).one()
        assert actor.account_id is not None  # staff have accounts
        note = Note(
            case_id=case.id,
            account_id=actor.account_id,
            author=actor.name,
            text_sealed=runtime.keyring.unwrap(wrapped).seal_text(text),
            written_at=runtime.clock.now(),
        )
        session.add(note)
        session.flush()
        others = called - {actor.account_id}
        session.add_all(Mention(note_id=note.id, account_id=one) for one in others)
        return note.id


def take_back_note(runtime: Runtime, note_id: UUID, actor: Actor) -> str:
    """Take back one's own note within ten minutes; that there was one stays to be seen.

    Returns:
        The number of its case.

    Raises:
        NotFound: no such note, or somebody else's.
        Conflict: ten minutes are over.
    """
    with runtime.transaction() as session:
        note = session.get(Note, note_id, with_for_update=True)
        if note is None or note.account_id != actor.account_id:
            raise NotFound
        case = session.get_one(Case, note.case_id)
        if not may_see(actor, case):
            raise NotFound
        now = runtime.clock.now()
        if note.taken_back_at is None:
            if now > note.written_at + timedelta(minutes=TAKE_BACK_MINUTES):
                raise Conflict(f"备注写下已超过 {TAKE_BACK_MINUTES} 分钟，不能撤回。")
            note.taken_back_at, note.text_sealed = now, None
        return case.no


def read_mentions(runtime: Runtime, actor: Actor, case_no: str = "") -> None:
    """Mark what calls the actor as read: on one case, or all of it."""
    with runtime.transaction() as session:
        query = (
            select(Mention)
            .join(Note, Note.id == Mention.note_id)
            .where(Mention.account_id == actor.account_id, Mention.read_at.is_(None))
        )
        if case_no:
            query = query.join(Case, Case.id == Note.case_id).where(Case.no == case_no)
        for one in session.scalars(query.with_for_update(of=Mention)):
            one.read_at = runtime.clock.now()


def _case(session: Session, case_no: str, actor: Actor) -> Case:
    case = session.scalar(select(Case).where(Case.no == case_no))
    if case is None or actor.kind != "staff" or not may_see(actor, case):
        raise NotFound("没有找到这一办件，或您无权查看。")
    return case


def _called(able: Sequence[Colleague], text: str, chosen: set[UUID]) -> set[UUID]:
    """Whom a note calls: those chosen, and those its text names."""
    if not chosen <= {one.id for one in able}:
        raise Invalid(errors={"to": "所选同事中有人不能查看本办件。"})
    found = set(chosen)
    for said in _CALL.findall(text):
        # the longest name that stands there: Chinese puts no blank after it
        named = max((one.name for one in able if said.startswith(one.name)), key=len, default="")
        same = [one for one in able if one.name == named]
        exact = [one for one in same if said.startswith(one.title)] or same
        if not exact:
            raise Invalid(errors={"text": f"没有可以查看本办件的同事“{said[:20]}”。"})
        if len(exact) > 1 and not found & {one.id for one in exact}:
            titles = "、".join(one.title for one in exact)
            raise Invalid(errors={"text": f"叫“{named}”的有：{titles}。请在下面勾选是哪一位。"})
        if len(exact) == 1:
            found.add(exact[0].id)
    return found
