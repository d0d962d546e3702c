"""A world to trespass in: real objects of Jilin, those they belong to, and those they do not.

Everything is about 张建国 and 吉林省示范机械有限公司; nobody of ``strangers`` may come near it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from uuid import UUID

from sqlalchemy import Engine, select, update

from engine.access import Actor
from engine.accounts import actor_of
from engine.clock import at
from engine.commands.begin_attempt import begin_attempt
from engine.commands.export_roster import export_roster
from engine.commands.make_api_key import make_api_key
from engine.commands.set_cover import set_cover
from engine.commands.store_attachment import store_attachment
from engine.commands.take_upload import take_upload
from engine.commands.write_note import write_note
from engine.models import (
    Account,
    AgencySetting,
    ApiKey,
    Case,
    DataKey,
    Document,
    Export,
    Incident,
    Letter,
    Person,
    PersonFile,
    RoleGrant,
    Unit,
    WorkItem,
)
from engine.operations import operations
from engine.packs.pack import read_pack
from engine.packs.release import activate, publish, seed_agencies, seed_offices
from engine.queries.exchanges import roster_file
from engine.sign_in_sessions import id_of
from handlers.scenario.roster_trip import fill_in
from tests.engine.test_rosters import MET, WHO, book
from tests.engine.test_way_of_a_case import apply_for_everything, call_of
from tests.media import PDF
from tests.stage import JILIN, RETIREE, ROOT, Stage
from webapp.visitor import signed_in
from webapp.words import ROLES

#: Roles of offices; the others belong to applicants and to the system.
OFFICE_ROLES = sorted(
    set(ROLES) - {"applicant", "unit", "person", "custodian", "agent", "bank", "system"}
)
ELSEWHERE = "zongyang"
#: Strangers to the cases only: much of a region belongs to all its offices, much of a unit to all
#: its operators.
ELSEWHERE_IN_REGION, BARRED = "all roles in other offices", "an operator kept out"
OTHER_OFFICES = ("changbaishan_si", "changbaishan_med", "changbaishan_fund")
NOW = at(date(2027, 4, 20), 9)
CHECK = operations.get("police/household_check")
ANSWER = {
    "outcome": "SUCCESS",
    "handled_by": "王警官",
    "business": {"match": True, "life_status": "alive", "checked_at": "2027-04-20"},
}


@dataclass(frozen=True)
class World:
    """The objects, by the names of the parameters that stand for them in addresses.

    ``owners``: together they may open every one of them. ``strangers``: none of them any.
    ``secrets``: what no page shown to a stranger may contain.
    """

    stage: Stage
    objects: Mapping[str, Sequence[object]]
    owners: Mapping[str, Actor]
    strangers: Mapping[str, Actor | None]
    secrets: Sequence[str]

    @property
    def single(self) -> set[str]:
        """Strangers with one role; somebody with all of them stands for them where time counts."""
        return {f"{role} elsewhere" for role in OFFICE_ROLES}


def build(engine: Engine) -> World:
    """Let the cast work until there is one of everything."""
    stage = Stage(engine)
    _second_region(stage)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="file"))
    no = apply_for_everything(stage)
    call = call_of(stage, CHECK.code)
    begin_attempt(stage.runtime, call.id)
    roster = export_roster(stage.runtime, "jilin", "police", stage.li)
    content = roster_file(stage.runtime, roster, stage.li)[1]
    result = take_upload(
        *(stage.runtime, "result", "jilin", str(roster), "结果.xlsx"),
        fill_in(content, [CHECK], ANSWER),
        stage.li,
    )
    people = take_upload(
        *(stage.runtime, "roster", "jilin", "contribution_check", "核查.xlsx"),
        book([*WHO, *MET]),
        stage.li,
    )
    stage.start("record_prereview", stage.li, {**RETIREE, "id_no": "220199196611200032"})
    review = next(task for task in stage.tasks().values() if task.role == "hrss_reviewer")
    owners = _owners(stage)
    file = store_attachment(stage.runtime, "户口簿.pdf", PDF, stage.li, review.id)
    make_api_key(stage.runtime, "日报表", owners["the clerk"])
    device = id_of(signed_in(stage.runtime, owners["the clerk"]))
    cover = _cover(stage)
    note = write_note(stage.runtime, no, "材料已核对", [], stage.li)
    with stage.runtime.transaction() as session:
        case_id = session.scalars(select(Case.id).where(Case.no == no)).one()
        choice = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.role == "unit")
        ).first()
        documents = session.scalars(select(Document.id).where(Document.case_id == case_id)).all()
        incident = Incident(
            case_id=case_id,
            kind="call",
            ref=str(call.id),
            title="户籍信息核验",
            message="多次发送没有回音",
            opened_at=stage.clock.now(),
        )
        letter = Letter(
            region="jilin",
            scope="agency",
            department="police",
            kind="overdue",
            title="户籍信息核验逾期",
            case_id=case_id,
            case_no=no,
            subject=RETIREE["name"],
            sent_at=stage.clock.now(),
        )
        export = Export(
            region="jilin",
            kind="exchange",
            ref=str(roster),
            title="公安机关第 1 号名册",
            purpose="送省局汇总",
            state="waiting",
            asked_by=stage.li.account_id,
            asked_name="小李",
            asked_at=stage.clock.now(),
        )
        session.add_all([incident, letter, export])
        session.flush()
        made = {"incident_id": incident.id, "letter_id": letter.id, "export_id": export.id}
        key_id = session.scalars(select(ApiKey.id)).one()
    reviewed = review.case_no
    objects: dict[str, Sequence[object]] = {
        **{name: [one] for name, one in made.items()},
        "no": [no, reviewed],
        "task_id": [review.id, choice],
        "document_id": documents,
        "attachment_id": [file],
        "upload_id": [result, people],
        "one": [roster],
        "account_id": [owners["an operator"].account_id],
        "session_id": [device.hex()],
        "key_id": [key_id],
        "cover_id": [cover],
        "note_id": [note],
        "region": ["jilin"],
        "agency": ["police"],
        "scope": ["agency"],
        "call_id": [call.id],
        "file_id": [file],
        "element": ["choose_items"],
        "step": ["receive_prereview"],
        "language": ["en"],
    }
    secrets = (no, reviewed, RETIREE["name"], RETIREE["id_no"], str(review.id), str(letter.id))
    return World(stage, objects, owners, _strangers(stage), (*secrets, "xiaoli", "aming"))


def _cover(stage: Stage) -> UUID:
    """小李 will be away, months from now."""
    absent, by = stage.li.account_id, stage.mate.account_id
    assert absent is not None
    first, last = date(2027, 6, 1), date(2027, 6, 5)
    return set_cover(stage.runtime, absent, by, first, last, "年休假", stage.li)


def _second_region(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        pack, now = read_pack(ROOT, ELSEWHERE), stage.clock.now()
        activate(session, ELSEWHERE, publish(session, pack, stage.runtime.operations, now), now)
        seed_agencies(session, pack.config, "http://127.0.0.1:1")
        for config in (pack.config, JILIN.config):
            seed_offices(session, config)


def _owners(stage: Stage) -> dict[str, Actor]:
    with stage.runtime.transaction() as session:
        grants = ((role, "jilin") for role in OFFICE_ROLES)
        account_id = stage.li.account_id
        session.add_all(
            RoleGrant(account_id=account_id, role=role, region=region, office="")
            for role, region in grants
            if (role, region, "") not in stage.li.grants
        )
        person_id = session.scalars(
            select(PersonFile.person_id).join(Case, Case.file_id == PersonFile.id)
        ).first()
        boss = session.get_one(Account, stage.ming.account_id)
        boss.unit_admin = True
    unit = {"unit_id": stage.unit_id}
    return {
        "the unit's administrator": _again(stage, stage.ming),
        "the clerk": _again(stage, stage.li),
        "an operator": stage.account("hua", "阿华", "unit", **unit),
        "the retiree": stage.account("zhang", RETIREE["name"], "person", person_id=person_id),
    }


def _strangers(stage: Stage) -> dict[str, Actor | None]:
    with stage.runtime.transaction() as session:
        session.get_one(Account, stage.rival.account_id).unit_admin = True
        key, wrapped = stage.runtime.keyring.new_key()
        kept = DataKey(wrapped=wrapped)
        session.add(kept)
        session.flush()
        other = Person(
            data_key_id=kept.id,
            name="李四",
            id_no_sealed=key.seal_text("220199196611200059"),
            id_no_index=b"-",
            created_at=NOW,
        )
        session.add(other)
        session.flush()
        file = PersonFile(person_id=other.id, region="jilin", employment="flexible", created_at=NOW)
        custodian = Unit(name="示范档案托管中心", uscc="91640199MA76000057", kind="custodian")
        session.add_all([file, custodian])
        session.flush()
        person_id, custodian_id = other.id, custodian.id
    strangers: dict[str, Actor] = {
        "another unit's administrator": _again(stage, stage.rival),
        "a custodian": stage.account("tuoguan", "小托", "unit", unit_id=custodian_id),
        "another retiree": stage.account("lisi", "李四", "person", person_id=person_id),
        ELSEWHERE_IN_REGION: stage.account("pian", "小偏", "staff"),
        BARRED: stage.account("ting", "阿停", "unit", unit_id=stage.unit_id),
        "staff without a role": stage.account("nobody", "小无", "staff"),
        "all roles elsewhere": stage.account(
            "yuanfang", "小远", "staff", roles=OFFICE_ROLES, region=ELSEWHERE
        ),
    }
    with stage.runtime.transaction() as session:
        session.add_all(
            RoleGrant(
                account_id=strangers[ELSEWHERE_IN_REGION].account_id,
                role=role,
                region="jilin",
                office=office,
            )
            for role, office in product(OFFICE_ROLES, OTHER_OFFICES)
        )
        barred = session.get_one(Account, strangers[BARRED].account_id)
        barred.barred = [f"jilin/{process}" for process in JILIN.config.processes]
    for who in (ELSEWHERE_IN_REGION, BARRED):
        strangers[who] = _again(stage, strangers[who])
    for role in OFFICE_ROLES:
        strangers[f"{role} elsewhere"] = stage.account(
            f"yuan-{role}", f"小远{role}", "staff", roles=(role,), region=ELSEWHERE
        )
    return {"nobody": None, **strangers}


def _again(stage: Stage, actor: Actor) -> Actor:
    """The actor with what was granted since."""
    assert actor.account_id is not None
    with stage.runtime.reading() as session:
        found = actor_of(session, actor.account_id)
    assert found is not None
    return found
