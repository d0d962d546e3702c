"""Starting a case: from a start form, by whoever the region says may start it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.case_data import CaseData
from engine.clock import office_date
from engine.errors import Conflict, Forbidden, Invalid
from engine.forms import clean
from engine.history import GENESIS
from engine.ids import new_id
from engine.models import Case, CaseNumber, CaseState, DataKey, Person, PersonFile, Unit
from engine.open_case import OpenCase
from engine.packs.region import ProcessRule
from engine.packs.release import LoadedRelease
from engine.people import find_file, register_person
from engine.runtime import Runtime
from engine.sealing import SealingKey
from engine.spiff.process import SERIALIZER, ProcessInstance

ENTRY = {"unit": "企业办事", "person": "个人办事", "staff": "窗口"}


@dataclass(frozen=True)
class Started:
    """The case that was begun."""

    case_id: UUID
    no: str


def start_case(
    runtime: Runtime,
    region: str,
    process: str,
    answers: Mapping[str, Any],
    actor: Actor,
    channel: str = "网厅",
) -> Started:
    """Begin a case and give it its number (JLG-032).

    Args:
        region: region code; the release active now is used for the whole life of the case.
        process: id of a process listed in the region's ``[processes]``.
        answers: JSON object keyed by field of the process's start form.
        channel: how the application came in, as printed on the receipt.

    Raises:
        Forbidden: the actor may not start this process (JLG-002/003/057); do not retry.
        Invalid: the start form has mistakes; ``errors`` names the fields.
        Conflict: the person already has a running case of this process; the message names it.
    """
    with runtime.transaction() as session:
        now = runtime.clock.now()
        release = runtime.releases.active(session, region, now)
        rule = release.config.processes[process]
        _require_entry(rule, actor, region)
        form = release.pack.form(rule.start_form)
        content = clean(form, answers, {}, office_date(now))
        file, person = _file(runtime, session, region, rule, content, actor)
        _require_only(session, file, process)
        case, key = _row(runtime, session, release, process, file, person, actor, channel)
        opened = OpenCase(
            runtime,
            session,
            case,
            CaseState(case_id=case.id, serializer=SERIALIZER, content=b""),
            key,
            CaseData.load(session, case.id, case.file_id, key),
            actor,
        )
        session.add(opened.state)
        _first_sections(opened, person, file, actor, session)
        opened.write_section(rule.start_form, content)
        opened.note("started", f"{ENTRY[actor.kind]}提交：{rule.title}")
        definition = release.definition(session, process)
        instance, step = ProcessInstance.start(definition, opened.data, opened.functions)
        opened.begin(instance)
        opened.apply(step)
        opened.save()
        return Started(case.id, case.no)


def _require_entry(rule: ProcessRule, actor: Actor, region: str) -> None:
    if actor.kind not in rule.entries:
        open_to = "、".join(rule.entries[kind] for kind in rule.entries)
        raise Forbidden(f"“{rule.title}”须从“{open_to}”入口办理。")
    if actor.kind == "staff" and not any(actor.holds(role, region) for role in rule.staff_roles):
        raise Forbidden


def _file(
    runtime: Runtime,
    session: Session,
    region: str,
    rule: ProcessRule,
    content: Mapping[str, Any],
    actor: Actor,
) -> tuple[PersonFile, Person]:
    if rule.opens_file:
        return register_person(runtime, session, region, content)
    found = find_file(runtime, session, region, content["id_no"])
    if found is None:
        raise Invalid(errors={"id_no": "未查询到该人员的退休预审信息，请核对身份证号。"})
    file, person = found
    if person.name != content["name"]:
        raise Invalid(errors={"name": "姓名与身份证号不一致，请核对。"})
    if actor.kind == "unit" and file.unit_id != actor.unit_id:
        insured = session.get(Unit, file.unit_id) if file.unit_id else None
        where = f"“{insured.name}”" if insured else "个人（灵活就业）"
        raise Invalid(
            errors={"id_no": f"该人员的参保单位为{where}，与您登录的单位不一致，不能由本单位申请。"}
        )
    if actor.kind == "person" and (file.id not in actor.files or file.employment == "employee"):
        raise Forbidden("单位职工的退休“一件事”由用人单位发起，请联系所在单位人事部门。")
    return file, person


def _require_only(session: Session, file: PersonFile, process: str) -> None:
    """One running case per person and process: a second claim is shown the first (JLG-021)."""
    # the file's row is locked, so that two who apply at the same moment do not both pass
    session.execute(select(PersonFile.id).where(PersonFile.id == file.id).with_for_update())
    running = session.scalar(
        select(Case.no).where(
            Case.file_id == file.id, Case.process == process, Case.status == "running"
        )
    )
    if running is not None:
        raise Conflict(f"该人员已有在办的办件 {running}，不能重复申请。")


def _row(
    runtime: Runtime,
    session: Session,
    release: LoadedRelease,
    process: str,
    file: PersonFile,
    person: Person,
    actor: Actor,
    channel: str,
) -> tuple[Case, SealingKey]:
    now = runtime.clock.now()
    wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == person.data_key_id))
    case = Case(
        id=new_id(),
        no=_number(session, release, office_date(now).strftime("%Y%m%d")),
        region=release.config.code,
        process=process,
        title=release.config.processes[process].title,
        release_id=release.id,
        data_key_id=person.data_key_id,
        file_id=file.id,
        unit_id=file.unit_id,
        subject=person.name,
        applicant="person" if file.unit_id is None else "unit",
        channel=channel if actor.kind != "staff" else "窗口",
        status="running",
        started_at=now,
        revision=0,
        event_count=0,
        event_hash=GENESIS,
    )
    session.add(case)
    session.flush()
    return case, runtime.keyring.unwrap(wrapped)


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


def _first_sections(
    opened: OpenCase, person: Person, file: PersonFile, actor: Actor, session: Session
) -> None:
    unit = session.get(Unit, file.unit_id) if file.unit_id else None
    mobile = opened.key.open_text(bytes(person.mobile_sealed)) if person.mobile_sealed else None
    opened.write_section(
        "person",
        {
            "name": person.name,
            "id_no": opened.key.open_text(bytes(person.id_no_sealed)),
            "mobile": mobile,
        },
    )
    opened.write_section(
        "applicant",
        {
            "type": opened.case.applicant,
            "name": unit.name if unit else person.name,
            "uscc": unit.uscc if unit else None,
            "operator": actor.name,
        },
    )
    opened.write_section(
        "case",
        {
            "no": opened.case.no,
            "started_at": opened.functions["now"](),
            "channel": opened.case.channel,
        },
    )
