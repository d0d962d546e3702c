"""Whom a batch is about, and what became of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from engine.case_data import CaseData
from engine.models import Case, DataKey, Member, Person, PersonFile, ServiceCall
from engine.runtime import Runtime


@dataclass(frozen=True)
class MemberLine:
    """One member as lists show it; ``case`` is the gathered case, or the one the batch began."""

    position: int
    name: str
    case: Case | None


@dataclass(frozen=True)
class Summary:
    """How a batch stands: its members, and the cases it began by how they ended."""

    members: int
    begun: int
    open: int
    outcomes: Mapping[str, int]


def member_lines(session: Session, batch_id: UUID) -> Sequence[MemberLine]:
    """List the members of a batch in the order in which they were chosen."""
    gathered, begun = aliased(Case), aliased(Case)
    rows = session.execute(
        select(Member.position, Person.name, gathered, begun)
        .join(PersonFile, PersonFile.id == Member.file_id)
        .join(Person, Person.id == PersonFile.person_id)
        .outerjoin(gathered, gathered.id == Member.case_id)
        .outerjoin(begun, (begun.parent_id == batch_id) & (begun.file_id == Member.file_id))
        .where(Member.batch_id == batch_id)
        .order_by(Member.position, begun.id)
    )
    lines = {row[0]: MemberLine(row[0], row[1], row[2] or row[3]) for row in rows}
    return list(lines.values())


def member_data(
    runtime: Runtime, session: Session, batch_id: UUID
) -> Sequence[Mapping[str, Mapping[str, Any]]]:
    """Read the sections of every member, for a document that lists them. All are decrypted."""
    rows = session.execute(
        select(Member, Person, PersonFile, DataKey.wrapped)
        .join(PersonFile, PersonFile.id == Member.file_id)
        .join(Person, Person.id == PersonFile.person_id)
        .join(DataKey, DataKey.id == Person.data_key_id)
        .where(Member.batch_id == batch_id)
        .order_by(Member.position)
    ).all()
    found = []
    for member, person, file, wrapped in rows:
        key = runtime.keyring.unwrap(wrapped)
        data = CaseData.load(session, member.case_id or file.id, file.id, key)
        who = {
            "name": person.name,
            "id_no": key.open_text(bytes(person.id_no_sealed)),
            "mobile": key.open_text(bytes(person.mobile_sealed)) if person.mobile_sealed else None,
            "employment": file.employment,
        }
        found.append({**{name: data[name] for name in data}, "person": who})
    return found


def summary(runtime: Runtime, call_id: UUID) -> Summary:
    """Count what became of the batch of a service call."""
    with runtime.reading() as session:
        batch_id = session.scalars(
            select(ServiceCall.case_id).where(ServiceCall.id == call_id)
        ).one()
        members = session.scalars(select(Member.position).where(Member.batch_id == batch_id)).all()
        cases = session.scalars(select(Case).where(Case.parent_id == batch_id)).all()
    ends = Counter(case.outcome or "" for case in cases if case.status == "closed")
    return Summary(len(members), len(cases), len(cases) - ends.total(), ends)
