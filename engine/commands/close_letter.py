"""Saying what was done about a letter to a liaison."""

from uuid import UUID

from engine.access import Actor
from engine.clock import office_date
from engine.errors import Conflict, Invalid, NotFound
from engine.liaisons import Department, liaison_of
from engine.models import Letter
from engine.open_case import OpenCase
from engine.queries.letters import may_read
from engine.runtime import Runtime

LONGEST_REPLY = 400


def close_letter(runtime: Runtime, letter_id: UUID, reply: str, actor: Actor) -> None:
    """Close a letter with what was done; from now on it keeps the name of today's liaison.

    Raises:
        NotFound: no such letter, or not the actor's.
        Conflict: it was closed before.
        Invalid: nothing, or too much, was said.
    """
    with runtime.transaction() as session:
        letter = session.get(Letter, letter_id)
        if letter is None or not may_read(runtime, actor, letter):
            raise NotFound
        if not reply or len(reply) > LONGEST_REPLY:
            raise Invalid(errors={"reply": f"请写明处理情况（{LONGEST_REPLY} 字以内）。"})
        case = OpenCase.lock(runtime, session, letter.case_id, actor)
        session.refresh(letter, with_for_update=True)
        if letter.closed_at is not None:
            raise Conflict(f"该督办件已由{letter.closed_by}办结。")
        department = Department(letter.scope, letter.department)
        to = liaison_of(session, letter.region, department, office_date(case.now))
        letter.addressed_to, letter.reply = to.name, reply
        letter.closed_at, letter.closed_by = case.now, actor.name
        case.note("letter", f"督办件已办结：{letter.title}")
        case.save_history()
