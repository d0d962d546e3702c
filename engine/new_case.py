"""Opening a case: its row, number and first sections, and its process up to its first waits.

A start form, a message and a timer all open cases this way.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.advance import advance
from engine.case_data import CaseData
from engine.clock import office_date
from engine.history import GENESIS
from engine.identity import facts_of
from engine.ids import new_id
from engine.models import Case, CaseNumber, CaseState, DataKey, Office, Person, PersonFile, Unit
from engine.open_case import OpenCase
from engine.packs.region import ProcessRule
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime
from engine.scope import holding
from engine.sealing import SealingKey
from engine.spiff.process import SERIALIZER, ProcessInstance
from engine.units import insuring_unit


@dataclass(frozen=True)
class Origin:
    """Why a case begins: in words, whose message it was, which file timer, at which office.

    ``subject`` names a case about nobody on record; ``channel_code`` is the portal's (JLG-001).
    """

    why: str = ""
    parent_id: UUID | None = None
    trigger: str | None = None
    office: str | None = None
    subject: str = ""
    channel_code: str | None = None


def new_case(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    process: str,
    actor: Actor,
    *,
    file: PersonFile | None,
    channel: str,
    origin: Origin = Origin(),
) -> OpenCase:
    """Write the row of a new case and its sections ``case``, ``person`` and ``applicant``.

    Args:
        file: the person file it hangs on; ``None`` for a case about nobody (a batch), which gets
            a key of its own.
    """
    now = runtime.clock.now()
    person = session.get_one(Person, file.person_id) if file else None
    rule = release.config.processes.get(process)
    unit = _unit(session, file, rule, actor) if file else None
    office = origin.office or (file.office if file else None)
    data_key_id, key = _key(runtime, session, person)
    title = rule.title if rule else release.pack.process_title(process)
    case = Case(
        id=new_id(),
        no=_number(session, release, office_date(now).strftime("%Y%m%d")),
        region=release.config.code,
        process=process,
        title=title,
        release_id=release.id,
        data_key_id=data_key_id,
        file_id=file.id if file else None,
        unit_id=unit.id if unit else None,
        subject=(
            person.name
            if person
            else origin.subject or _office_title(session, release, office) or title
        ),
        applicant=_applicant(file, unit),
        parent_id=origin.parent_id,
        office=office,
        offices=[office] if office else [],
        channel=channel,
        channel_code=origin.channel_code,
        status="running",
        started_at=now,
        revision=0,
        event_count=0,
        event_hash=GENESIS,
    )
    session.execute(select(holding(case.id)))
    session.add(case)
    session.flush()
    state = CaseState(case_id=case.id, serializer=SERIALIZER, content=b"")
    session.add(state)
    data = CaseData.load(session, case.id, case.file_id, key)
    opened = OpenCase(runtime, session, case, state, key, data, actor)
    _first_sections(opened, file, person, unit, origin)
    return opened


def launch(opened: OpenCase) -> None:
    """Run a new case to its first waits and write it.

    A message or timer at its start has happened already: that is why the case is opened.
    """
    definition = opened.release.definition(opened.session, opened.case.process)
    instance, step = ProcessInstance.start(definition, opened.data, opened.functions)
    opened.begin(instance)
    for wait in step.opened:
        if wait.element in opened.release.pack.start_events:
            start = instance.deliver if wait.kind == "message" else instance.fire_timer
            step = start(wait.token)
    advance(opened, step)
    opened.save()


def _key(runtime: Runtime, session: Session, person: Person | None) -> tuple[object, SealingKey]:
    if person is not None:
        # held until the case is stored: an erasure at the same moment must see it, or come first
        wrapped = session.scalar(
            select(DataKey.wrapped)
            .where(DataKey.id == person.data_key_id)
            .with_for_update(read=True)
        )
        return person.data_key_id, runtime.keyring.unwrap(wrapped)
    key, wrapped = runtime.keyring.new_key()
    data_key = DataKey(id=new_id(), wrapped=wrapped)
    session.add(data_key)
    session.flush()
    return data_key.id, key


def _number(session: Session, release: LoadedRelease, day: str) -> str:
    numbering = release.config.numbering
    prefix = f"{numbering.prefix}{day}"
    last = session.scalar(
        insert(CaseNumber)
        .values(prefix=prefix, last=1)
        .on_conflict_do_update(index_elements=["prefix"], set_={"last": CaseNumber.last + 1})
        .returning(CaseNumber.last)
    )
    return f"{prefix}{last:0{numbering.digits}d}"


def _unit(
    session: Session, file: PersonFile, rule: ProcessRule | None, actor: Actor
) -> Unit | None:
    """The unit a case belongs to: the employer; else, where it may apply, who keeps the archive."""
    unit_id = file.unit_id
    if actor.entry == "custodian" or (unit_id is None and rule and "custodian" in rule.entries):
        unit_id = file.custodian_id
    return session.get(Unit, unit_id) if unit_id else None


def _applicant(file: PersonFile | None, unit: Unit | None) -> str:
    if file is None or unit is None:
        return "person"
    return "unit" if unit.id == file.unit_id else "custodian"


def _office_title(session: Session, release: LoadedRelease, office: str | None) -> str | None:
    found = session.get(Office, (release.config.code, office)) if office else None
    return found.title if found else None


def _first_sections(
    opened: OpenCase,
    file: PersonFile | None,
    person: Person | None,
    unit: Unit | None,
    origin: Origin,
) -> None:
    case, key = opened.case, opened.key
    opened.write_section(
        "case",
        {
            "no": case.no,
            "started_at": opened.functions["now"](),
            "channel": case.channel,
            "office": case.office,
            "trigger": origin.trigger,
        },
    )
    if person is None or file is None:
        return
    mobile = key.open_text(bytes(person.mobile_sealed)) if person.mobile_sealed else None
    opened.write_section(
        "person",
        {
            "name": person.name,
            **facts_of(key.open_text(bytes(person.id_no_sealed))),
            "mobile": mobile,
            "employment": file.employment,
            "office": file.office,
        },
    )
    opened.write_section(
        "applicant",
        {
            "type": case.applicant,
            "name": unit.name if unit else person.name,
            # the pension account it acts under: a subordinate's is its group's (JLG-007)
            "uscc": insuring_unit(opened.session, unit).uscc if unit else None,
            "operator": opened.actor.name,
        },
    )
