"""Whom an employer could apply for: people who meet the region's condition and have no case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, files_in_reach
from engine.case_data import CaseData
from engine.file_record import work_out
from engine.forms.schema import fact
from engine.models import Case, DataKey, Person, PersonFile
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime

MOST = 500


@dataclass(frozen=True)
class Offered:
    """One person of the unit; ``date`` is what the region shows beside the name."""

    file_id: UUID
    name: str
    id_no: str
    date: str


def offered(
    runtime: Runtime, actor: Actor, release: LoadedRelease, process: str
) -> Sequence[Offered]:
    """List the people of the actor's unit for whom the process is offered, by date."""
    rule = release.config.processes[process]
    if actor.kind != "unit" or not rule.offered_when:
        return []
    with runtime.reading() as session:
        people = []
        for file_id, person, wrapped in _without_case(session, actor, release, process):
            key = runtime.keyring.unwrap(wrapped)
            data = CaseData.load(session, file_id, file_id, key)
            if work_out(runtime, release, rule.offered_when, data):
                id_no = key.open_text(bytes(person.id_no_sealed))
                date = str(fact(data, rule.offered_date) or "")
                people.append(Offered(file_id, person.name, id_no, date))
        return sorted(people, key=lambda one: one.date)


def _without_case(
    session: Session, actor: Actor, release: LoadedRelease, process: str
) -> Sequence[Any]:
    begun = select(Case.file_id).where(
        Case.unit_id.in_(actor.units), Case.process == process, Case.file_id.is_not(None)
    )
    return session.execute(
        select(PersonFile.id, Person, DataKey.wrapped)
        .join(Person, Person.id == PersonFile.person_id)
        .join(DataKey, DataKey.id == Person.data_key_id)
        .where(
            files_in_reach(actor),
            PersonFile.region == release.config.code,
            PersonFile.id.not_in(begun),
            DataKey.wrapped.is_not(None),  # who was erased is offered nothing
        )
        .order_by(PersonFile.id.desc())
        .limit(MOST)
    ).all()
