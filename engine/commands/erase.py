"""Erasing by rule: destroying the key of a person (or of a case about nobody on record)."""

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.history import next_event
from engine.models import (
    Account,
    Attachment,
    Case,
    DataKey,
    Document,
    Incident,
    Item,
    Letter,
    Person,
    PersonFile,
    ServiceAttempt,
    ServiceCall,
    WorkItem,
)
from engine.queries.retention import due_erasure
from engine.retention import ERASED
from engine.runtime import Runtime
from engine.sign_in_sessions import end_sessions_of


def erase(runtime: Runtime, key_id: UUID) -> bool:
    """Destroy a key whose time is over, for ever; ``False`` when it is not due, or is gone.

    One transaction. Whoever wants to open, or to begin, a case about this person waits for it or
    is seen by it: cases are locked first, then person files, then the key, and only then is it
    asked again whether all is over. Repeating it is harmless.

    Args:
        key_id: of ``engine.queries.retention.due_erasures``.

    Raises:
        Unsealable: the key is wrapped under another master key; a person must look. Do not retry.
    """
    with runtime.transaction() as session:
        own = select(Case).where(Case.data_key_id == key_id).order_by(Case.id)
        cases = session.scalars(own.with_for_update()).all()
        session.execute(
            select(PersonFile.id)
            .join(Person, Person.id == PersonFile.person_id)
            .where(Person.data_key_id == key_id)
            .order_by(PersonFile.id)
            .with_for_update(of=PersonFile)
        ).all()
        key = session.get(DataKey, key_id, with_for_update=True, populate_existing=True)
        if key is None or key.wrapped is None:
            return False
        due = due_erasure(runtime, session, key_id)
        if due is None or set(due.cases) != {case.no for case in cases}:
            return False
        now = runtime.clock.now()
        _tell(runtime, session, cases, key, now)
        _blank_cases(session, [case.id for case in cases])
        _blank_people(session, key_id)
        key.wrapped, key.destroyed_at = None, now
        return True


def _tell(
    runtime: Runtime, session: Session, cases: Sequence[Case], key: DataKey, now: datetime
) -> None:
    """The last line of every history, and the last thing the key is asked for."""
    opened = runtime.keyring.unwrap(key.wrapped)
    for case in cases:
        title = "保存期已满，个人信息已按规定删除"
        session.add(next_event(case, opened, at=now, kind="erased", actor=SYSTEM.name, title=title))
        case.subject = ERASED
    session.flush()


def _blank_cases(session: Session, ids: list[UUID]) -> None:
    """What stands beside the sealed data in the clear: names, and reasons in free words."""
    session.execute(update(WorkItem).where(WorkItem.case_id.in_(ids)).values(subject=ERASED))
    letter = {"subject": ERASED, "reply": ""}
    session.execute(update(Letter).where(Letter.case_id.in_(ids)).values(letter))
    session.execute(update(Attachment).where(Attachment.case_id.in_(ids)).values(name=ERASED))
    session.execute(update(Document).where(Document.case_id.in_(ids)).values(name=ERASED))
    session.execute(update(Item).where(Item.case_id.in_(ids)).values(reason=None))
    session.execute(update(ServiceCall).where(ServiceCall.case_id.in_(ids)).values(reason=None))
    calls = select(ServiceCall.id).where(ServiceCall.case_id.in_(ids))
    session.execute(
        update(ServiceAttempt).where(ServiceAttempt.call_id.in_(calls)).values(note=None)
    )
    incident = {"message": ERASED, "resolution": None}
    session.execute(update(Incident).where(Incident.case_id.in_(ids)).values(incident))


def _blank_people(session: Session, key_id: UUID) -> None:
    """Nobody finds the person again, and who comes again begins anew."""
    people = session.scalars(select(Person).where(Person.data_key_id == key_id)).all()
    for person in people:
        person.name, person.mobile_sealed = ERASED, None
        person.id_no_index = os.urandom(32)
        accounts = session.scalars(select(Account).where(Account.person_id == person.id))
        for account in accounts:
            account.name, account.active, account.identity_index = ERASED, False, None
            end_sessions_of(session, account.id)
