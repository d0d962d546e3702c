"""Persons, units and person files: finding them and putting them on record."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.file_record import open_file
from engine.file_timers import schedule_file_timers
from engine.ids import new_id
from engine.models import DataKey, Person, PersonFile, Unit
from engine.packs.release import active_release
from engine.practice import is_invented
from engine.runtime import Runtime
from engine.units import home_unit

#: Says nothing about whose number it is.
NAME_DIFFERS = "姓名与身份证号不一致，请核对。"


def find_file(
    runtime: Runtime, session: Session, region: str, id_no: str
) -> tuple[PersonFile, Person] | None:
    """Find the file of a person in a region by identity number (normalised), or ``None``."""
    row = session.execute(
        select(PersonFile, Person)
        .join(Person, Person.id == PersonFile.person_id)
        .where(Person.id_no_index == runtime.keyring.index(id_no), PersonFile.region == region)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def register_person(
    runtime: Runtime, session: Session, region: str, facts: Mapping[str, Any]
) -> tuple[PersonFile, Person]:
    """Put a person and the region's file on record, or bring both up to date.

    Args:
        facts: ``name``, ``id_no``, ``mobile``, ``employment`` (employee | flexible) and, for an
            employee, ``uscc`` of the insuring unit; optionally ``office`` (code of the place where
            they are insured), ``custodian_id`` (unit that keeps the archive) and ``own_unit_id``
            (unit of the operator who registers: a subordinate's people are insured under its
            group's code). What is left out stays as it was.

    Raises:
        Invalid: the unit is not registered, the name differs from the one on record, or somebody
            real is to be registered in a practice region.
    """
    unit = _unit(session, facts)
    found = find_file(runtime, session, region, facts["id_no"])
    if found is not None:
        file, person = found
        if person.name != facts["name"]:
            raise Invalid(errors={"name": NAME_DIFFERS})
    else:
        _require_invented(runtime, session, region, facts["id_no"])
        person = ensure_person(runtime, session, facts)
        if person.name != facts["name"]:  # known in another region
            raise Invalid(errors={"name": NAME_DIFFERS})
        file = PersonFile(
            id=new_id(),
            person_id=person.id,
            region=region,
            employment="",
            created_at=runtime.clock.now(),
        )
        session.add(file)
    file.employment = facts["employment"]
    file.unit_id = _home(session, file, unit, facts).id if unit else None
    file.office = facts.get("office") or file.office
    file.custodian_id = facts.get("custodian_id") or file.custodian_id
    if facts.get("mobile"):
        wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == person.data_key_id))
        person.mobile_sealed = runtime.keyring.unwrap(wrapped).seal_text(facts["mobile"])
    session.flush()
    return file, person


def _require_invented(runtime: Runtime, session: Session, region: str, id_no: str) -> None:
    """Nobody real gets into a practice region."""
    if is_invented(id_no):
        return
    release_id = active_release(session, region, runtime.clock.now())
    if release_id and runtime.releases.get(session, release_id).config.practice:
        raise Invalid(
            errors={"id_no": "这是演练地区，只能登记虚构人员：身份证号第 5、6 位须为 99。"}
        )


def ensure_unit(session: Session, facts: Mapping[str, Any]) -> None:
    """Register the employer ``unit`` with the code ``uscc`` unless it is on record.

    Raises:
        Invalid: the code is on record under another name.
    """
    known = session.scalar(select(Unit).where(Unit.uscc == facts["uscc"]))
    if known is None:
        session.add(Unit(name=facts["unit"], uscc=facts["uscc"]))
        session.flush()
    elif known.name != facts["unit"]:
        raise Invalid(errors={"unit": f"该代码已登记为“{known.name}”，请核对"})


def _unit(session: Session, facts: Mapping[str, Any]) -> Unit | None:
    if facts["employment"] != "employee":
        return None
    unit = session.scalar(select(Unit).where(Unit.uscc == facts.get("uscc")))
    if unit is None:
        raise Invalid(errors={"uscc": "该统一社会信用代码尚未登记，请先登记用人单位。"})
    return unit


def _home(session: Session, file: PersonFile, insured: Unit, facts: Mapping[str, Any]) -> Unit:
    current = session.get(Unit, file.unit_id) if file.unit_id else None
    own = session.get(Unit, facts["own_unit_id"]) if facts.get("own_unit_id") else None
    return home_unit(session, current, insured, own)


def ensure_person(runtime: Runtime, session: Session, facts: Mapping[str, Any]) -> Person:
    """The person with this ``id_no`` (normalised), put on record with ``name`` if need be."""
    index = runtime.keyring.index(facts["id_no"])
    person = session.scalar(select(Person).where(Person.id_no_index == index))
    if person is not None:
        return person
    key, wrapped = runtime.keyring.new_key()
    data_key = DataKey(id=new_id(), wrapped=wrapped)
    session.add(data_key)
    session.flush()
    person = Person(
        id=new_id(),
        data_key_id=data_key.id,
        name=facts["name"],
        id_no_sealed=key.seal_text(facts["id_no"]),
        id_no_index=index,
        created_at=runtime.clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def record_sections(
    runtime: Runtime,
    session: Session,
    file: PersonFile,
    sections: Mapping[str, Mapping[str, Any]],
    author: str,
) -> None:
    """Write sections of a person file, e.g. results that were reached outside this system.

    Args:
        sections: section name → its fields; each becomes a new version.
        author: who says so, as history shows it.

    Raises:
        Unsealable: what was kept about the person has been erased. Do not retry.
    """
    # an erasure at the same moment must not take the key under what is being written
    session.execute(select(PersonFile.id).where(PersonFile.id == file.id).with_for_update())
    data = open_file(runtime, session, file)
    for name, content in sections.items():
        session.add(data.write(name, content, author=author, at=runtime.clock.now(), of_file=True))
    session.flush()
    release = runtime.releases.active(session, file.region, runtime.clock.now())
    schedule_file_timers(runtime, session, release, file, data)
