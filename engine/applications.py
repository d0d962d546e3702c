"""Applying: who may begin what about whom, by a start form or a row of a table.

Both go the same way; the caller opens the transaction.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access import WINDOW, Actor
from engine.attachments import adopt, loose_files
from engine.clock import office_date
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.forms import clean, file_ids
from engine.models import Account, Case, Person, PersonFile, Unit
from engine.new_case import Origin, launch, new_case
from engine.offices import desk_of
from engine.packs.region import ProcessRule, RegionConfig
from engine.people import NAME_DIFFERS, find_file, register_person
from engine.promises import told
from engine.runtime import Runtime
from engine.scope import beyond

ENTRY = {
    "unit": "企业办事",
    "custodian": "档案托管机构",
    "person": "个人办事",
    "staff": WINDOW,
    "public": "网上",
}

#: What an employee is told who applies alone (JLG-002, JLG-057).
BY_THE_UNIT = "单位职工的退休“一件事”由用人单位发起，请联系所在单位人事部门。"


def apply_for(
    runtime: Runtime,
    session: Session,
    region: str,
    process: str,
    answers: Mapping[str, Any],
    actor: Actor,
    channel: str,
    channel_code: str | None = None,
    guide_shown: datetime | None = None,
) -> Case:
    """Begin a case in the caller's transaction; see ``start_case``."""
    now = runtime.clock.now()
    release = runtime.releases.active(session, region, now)
    rule = release.config.processes.get(process)
    if rule is None:
        raise NotFound(f"本地区没有可以发起的流程“{process}”。")
    _require_entry(rule, actor, region, process)
    _require_in_force(release.config, office_date(now))
    _require_verified(release.config, actor)
    form = release.pack.form(rule.start_form)
    files = loose_files(session, actor.account_id) if form.takes_files else ()
    content = clean(form, answers, {}, office_date(now), files)
    subject = str(content.get("name", ""))
    with beyond(session):  # who is on record with somebody else, or has a case there
        file = _file(runtime, session, region, rule, content, actor)
        _require_only(session, file, region, process, subject)
    desk = _desk(session, region, rule, actor)
    if actor.kind == "staff" or channel_code not in release.config.channels:
        channel_code = None
    channel = release.config.channels.get(channel_code or "", channel)
    opened = new_case(
        runtime,
        session,
        release,
        process,
        actor,
        file=file,
        channel=WINDOW if actor.kind == "staff" else channel,
        origin=Origin(office=desk, subject="" if file else subject, channel_code=channel_code),
    )
    adopt(runtime, session, opened.case, opened.key, file_ids(form, content))
    opened.write_section(rule.start_form, content)
    if guide_shown is not None:
        opened.note("guide_shown", f"已展示办事指南（{told(guide_shown)}）")
    opened.note("started", f"{ENTRY[actor.entry]}提交：{rule.title}")
    launch(opened)
    return opened.case


def _require_entry(rule: ProcessRule, actor: Actor, region: str, process_code: str) -> None:
    if not rule.entries:
        raise Forbidden(f"“{rule.title}”由系统自动开始，不能直接发起。")
    if actor.entry not in rule.entries:
        open_to = "、".join(rule.entries[kind] for kind in rule.entries)
        raise Forbidden(f"“{rule.title}”须从“{open_to}”入口办理。")
    if not actor.may_use(region, process_code):
        raise Forbidden(f"您没有办理“{rule.title}”的权限，请联系本单位管理员。")
    if actor.kind == "staff" and not actor.serves(rule.staff_roles, region):
        raise Forbidden


def _require_in_force(config: RegionConfig, today: date) -> None:
    """Nothing is accepted before the region's rules apply (JL-002)."""
    since = config.effective_from
    if since is not None and today < since:
        day = f"{since.year} 年 {since.month} 月 {since.day} 日"
        raise Conflict(f"{config.title}自 {day}起受理申请，现在还不能提交。")


def _require_verified(config: RegionConfig, actor: Actor) -> None:
    """A retiree must be registered and verified at the identity platform before (JLG-009)."""
    identity = config.identity
    if identity is None or actor.kind != "person" or actor.verified:
        return
    where = f"（{identity.register_at}）" if identity.register_at else ""
    raise Forbidden(
        f"请先在“{identity.title}”注册并完成实名认证{where}，再通过“{identity.title}”登录后申请。"
    )


def _desk(session: Session, region: str, rule: ProcessRule, actor: Actor) -> str | None:
    """The office at whose counter a clerk begins a case; None for those who serve the region."""
    return desk_of(session, region, actor.offices(rule.staff_roles, region))


def _file(
    runtime: Runtime,
    session: Session,
    region: str,
    rule: ProcessRule,
    content: Mapping[str, Any],
    actor: Actor,
) -> PersonFile | None:
    if actor.kind == "public":
        return None
    if rule.opens_file:
        own = actor.unit_id if actor.entry == "unit" else None
        facts = {**content, "custodian_id": _custodian(actor), "own_unit_id": own}
        if actor.kind != "staff":
            known = find_file(runtime, session, region, content["id_no"])
            if known is not None:  # first: registering would make the person theirs
                _require_name(known[1], content)
                _require_free(session, rule, known[0], actor)
                facts["mobile"] = None if known[1].mobile_sealed else facts.get("mobile")
        file = register_person(runtime, session, region, facts)[0]
        _require_reach(session, rule, file, actor)
        return file
    found = find_file(runtime, session, region, content["id_no"])
    if found is None:
        raise Invalid(errors={"id_no": "未查询到该人员的退休预审信息，请核对身份证号。"})
    file, person = found
    _require_name(person, content)
    _require_reach(session, rule, file, actor)
    return file


def _require_name(person: Person, content: Mapping[str, Any]) -> None:
    if person.name != content["name"]:
        raise Invalid(errors={"name": NAME_DIFFERS})


def _require_free(session: Session, rule: ProcessRule, file: PersonFile, actor: Actor) -> None:
    """Only staff move people: a file of another employer or custodian stays theirs (JLG-006).

    Who is on record without either, e.g. in flexible employment, may be taken in by a custodian.
    """
    if actor.entry == "custodian" and file.custodian_id is None and file.unit_id is None:
        return
    _require_reach(session, rule, file, actor)


def _custodian(actor: Actor) -> UUID | None:
    return actor.unit_id if actor.entry == "custodian" else None


def _require_reach(session: Session, rule: ProcessRule, file: PersonFile, actor: Actor) -> None:
    """Units apply for their own people, custodians for those whose archives they keep (JLG-006)."""
    if actor.entry == "unit" and file.unit_id not in actor.units:
        insured = session.get(Unit, file.unit_id) if file.unit_id else None
        where = f"“{insured.name}”" if insured else "个人（灵活就业）"
        raise Invalid(
            errors={"id_no": f"该人员的参保单位为{where}，与您登录的单位不一致，不能由本单位申请。"}
        )
    if actor.entry == "custodian" and file.custodian_id not in actor.units:
        raise Invalid(errors={"id_no": "该人员的档案不由本机构托管，不能由本机构申请。"})
    if actor.kind == "person" and not _is_own(session, file, actor):
        raise Forbidden
    if actor.kind == "person" and file.employment == "employee" and not rule.employees:
        raise Forbidden(BY_THE_UNIT)


def _is_own(session: Session, file: PersonFile, actor: Actor) -> bool:
    """Whether a retiree's account is about this very person, whose file may have just begun."""
    account = session.get(Account, actor.account_id)
    return account is not None and account.person_id == file.person_id


def _require_only(
    session: Session, file: PersonFile | None, region: str, process: str, subject: str
) -> None:
    """One running case per person and process: a second claim is shown the first (JLG-021)."""
    running_ones = select(Case.no).where(Case.process == process, Case.status == "running")
    # two who apply at the same moment do not both pass: one waits for the other's lock
    if file is None:
        lock = func.hashtextextended(f"{region}/{process}/{subject}", 0)
        session.execute(select(func.pg_advisory_xact_lock(lock)))
        running = session.scalar(
            running_ones.where(Case.region == region, Case.subject == subject).limit(1)
        )
        if running is not None:
            raise Conflict(f"“{subject}”已有在办的申请，不能重复申请。")
        return
    session.execute(select(PersonFile.id).where(PersonFile.id == file.id).with_for_update())
    running = session.scalar(running_ones.where(Case.file_id == file.id))
    if running is not None:
        raise Conflict(f"该人员已有在办的办件 {running}，不能重复申请。")
