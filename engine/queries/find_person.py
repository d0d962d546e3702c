"""找人: a person by a whole identity number, within what somebody may see."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, files_in_reach
from engine.identity import check_id_no, normalise
from engine.models import Person, PersonFile
from engine.runtime import Runtime


def find_person(runtime: Runtime, actor: Actor, id_no: str) -> UUID | None:
    """The person with this identity number, if the actor may see a file of theirs.

    Raises:
        Invalid: no identity number.
    """
    index = runtime.keyring.index(check_id_no(normalise(id_no)))
    with runtime.reading() as session:
        return session.scalar(
            select(Person.id)
            .join(PersonFile, PersonFile.person_id == Person.id)
            .where(Person.id_no_index == index, files_in_reach(actor))
            .limit(1)
        )


def name_of_person(runtime: Runtime, actor: Actor, person: str) -> str:
    """The name of a person of whom the actor may see a file; empty for anybody else."""
    try:
        wanted = UUID(person)
    except ValueError:
        return ""
    with runtime.reading() as session:
        return _name(session, actor, wanted) or ""


def _name(session: Session, actor: Actor, person: UUID) -> str | None:
    return session.scalar(
        select(Person.name)
        .join(PersonFile, PersonFile.person_id == Person.id)
        .where(Person.id == person, files_in_reach(actor))
        .limit(1)
    )
