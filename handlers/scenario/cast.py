"""Who takes part in a story: the retiree, the employer, staff, and people who must stay outside."""

from dataclasses import replace
from typing import get_args
from uuid import UUID

from sqlalchemy.orm import Session

from engine.access import PUBLIC, Actor
from engine.accounts import actor_of
from engine.ids import new_id
from engine.models import Account, PersonFile, RoleGrant, Unit
from engine.packs.region import OUTSIDE, RegionConfig, Role
from engine.people import record_sections, register_person
from engine.runtime import Runtime
from handlers.sandbox.platform.register import Enterprise, Register, Resident
from handlers.scenario.story import GROUP, Somebody, Story

#: A region of nobody's, where staff may have every role and still see nothing here.
ELSEWHERE = "elsewhere"
#: The custody institution of every story.
CUSTODIAN = "12340722MB0000002Q"
#: One that has yet to ask for an account.
NEWCOMER = "12220199MB0000003F"
#: Who besides the roles of the region may look at pages.
VISITORS = (
    *("unit", "custodian", "person", "staff", "foreign", "other_unit", "anonymous"),
    *("unit_admin", "custodian_admin", "group_admin", "sister", "limited"),
)
#: Who comes in through the identity platform: their places there.
PLACES = {
    "person": "person:0",
    "unverified": "person:1",
    "admin": "legal:0:0",
    "operator": "legal:0:1",
    "custodian": "legal:1:0",
}
#: Who acts for units at the identity platform: born in 1985, administrators and operators.
_ADMIN = Resident("管理员", "220199198503070014", "13900000081")
_OPERATOR = Resident("平台经办人", "220199198503070030", "13900000083")
_CUSTODIAN_ADMIN = Resident("托管管理员", "220199198503070057", "13900000085")
#: Another subordinate of the same group.
_SISTER = "91220199MA0X000046"


class Cast:
    """The accounts of one story. Those few stories need are made when first asked for."""

    def __init__(self, runtime: Runtime, config: RegionConfig, story: Story) -> None:
        self._runtime, self._region, self._offices = runtime, config.code, config.offices.keys()
        self._config = config
        desks = {role for agency in config.agencies if (role := config.desk_of(agency))}
        lanes = {lane.role for lane in config.lanes.values()}
        self._roles = sorted((lanes | desks | {"admin"}) - OUTSIDE)
        with runtime.transaction() as session:
            self._group_id, unit_id = _units(session, story.person)
            self._unit_id = unit_id
            custodian = Unit(id=new_id(), name="示范人才服务中心", uscc=CUSTODIAN, kind="custodian")
            session.add(custodian)
            session.flush()
            kept_by = custodian.id if story.person.custodian else None
            self._custodian_id = custodian.id
            facts = {
                **story.person.model_dump(),
                "uscc": story.person.account_uscc,
                "custodian_id": kept_by,
                "own_unit_id": unit_id,
            }
            verified = "L2" if story.person.verified else ""
            file, retiree = register_person(runtime, session, config.code, facts)
            record_sections(runtime, session, file, story.file, STORYTELLER)
            self._actors: dict[str, Actor | None] = {
                "unit": _account(session, "unit", "单位经办人", unit_id=unit_id),
                "person": _account(
                    *(session, "person", story.person.name),
                    person_id=retiree.id,
                    verified=verified,
                ),
                "public": PUBLIC,
                "staff": self._staff(session, "staff", self._roles, config.code),
                "custodian": _account(
                    session, "unit", "托管机构经办人", unit_id=custodian.id, login="custodian"
                ),
                "anonymous": None,
            }
        self.file: PersonFile = file

    def knows(self, who: str) -> bool:
        """Whether there is somebody of this name."""
        role, _, office = who.partition("@")
        known = who in VISITORS or role in get_args(Role)
        return known and (not office or office in self._offices)

    def worker(self, role: str) -> Actor:
        """Who does the work of a role: the unit, the person, or staff with every role."""
        actor = self._actors[role if role in ("unit", "custodian", "person") else "staff"]
        assert actor is not None
        return actor

    def colleague(self) -> Actor:
        """Somebody else on the staff, with every role as well."""
        if "colleague" not in self._actors:
            with self._runtime.transaction() as session:
                self._actors["colleague"] = self._staff(
                    session, "colleague", self._roles, self._region
                )
        actor = self._actors["colleague"]
        assert actor is not None
        return actor

    def visitor(self, who: str) -> Actor | None:
        """Who looks at a page: one of ``VISITORS``, or somebody with just one role, in the whole
        region or (``role@office``) in an office; ``None`` is a stranger."""
        if who not in self._actors:
            with self._runtime.transaction() as session:
                self._actors[who] = self._make(session, who)
        return self._actors[who]

    def _make(self, session: Session, who: str) -> Actor:
        if who == "foreign":
            return self._staff(session, who, self._roles, ELSEWHERE)
        if who == "other_unit":
            unit = Unit(id=new_id(), name="长春样例食品有限公司", uscc="91640199MA76000049")
            session.add(unit)
            session.flush()
            return _account(session, "unit", "外单位经办人", unit_id=unit.id, login=who)
        admins = {
            "unit_admin": self._unit_id,
            "custodian_admin": self._custodian_id,
            "group_admin": self._group_id,
        }
        if who in admins:
            return _account(
                *(session, "unit", "单位管理员"), login=who, unit_id=admins[who], unit_admin=True
            )
        if who == "sister":
            unit = Unit(
                id=new_id(),
                name="示范集团第二分公司",
                uscc=_SISTER,
                parent_id=self._group_id,
                own_account=False,
            )
            session.add(unit)
            session.flush()
            return _account(session, "unit", "分公司经办人", unit_id=unit.id, login=who)
        if who == "limited":  # kept out of everything that units may begin
            processes = [f"{self._region}/{process}" for process in self._config.processes]
            return _account(
                *(session, "unit", "受限经办人"),
                login=who,
                unit_id=self._unit_id,
                barred=processes,
            )
        role, _, office = who.partition("@")
        return self._staff(session, who, [role], self._region, office)

    def _staff(
        self, session: Session, login: str, roles: list[str], region: str, office: str = ""
    ) -> Actor:
        grants = tuple((role, region, office) for role in roles)
        return _account(session, "staff", "经办人员", login=login, grants=grants)


#: Who wrote what a story knew from the beginning; it proves nothing.
STORYTELLER = "场景"


def known_to_platform(story: Story) -> Register:
    """Whom the simulated identity platform knows in a story; see ``PLACES``."""
    person = story.person
    retiree = Resident(person.name, person.id_no, person.mobile or "")
    unit = Enterprise(
        person.group or person.unit, person.account_uscc, admins=(_ADMIN,), operators=(_OPERATOR,)
    )
    custodian = Enterprise("示范区人才交流中心", NEWCOMER, admins=(_CUSTODIAN_ADMIN,))
    return Register((retiree, replace(retiree, level="L1")), (unit, custodian))


def _units(session: Session, person: Somebody) -> tuple[UUID | None, UUID]:
    """The retiree's unit, and the group it is a subordinate of, if any."""
    group = Unit(id=new_id(), name=person.group, uscc=GROUP) if person.group else None
    if group is not None:
        session.add(group)
        session.flush()
    unit = Unit(
        id=new_id(),
        name=person.unit,
        uscc=person.uscc,
        parent_id=group.id if group else None,
        own_account=group is None,
    )
    session.add(unit)
    session.flush()
    return (group.id if group else None), unit.id


def _account(
    session: Session,
    kind: str,
    name: str,
    *,
    login: str = "",
    grants: tuple[tuple[str, str, str], ...] = (),
    **facts: object,
) -> Actor:
    account = Account(
        id=new_id(),
        login=login or kind,
        name=name,
        kind=kind,
        password_hash="!",  # noqa: S106 - no password fits it
        office="",
        active=True,
        **facts,
    )
    session.add(account)
    session.flush()
    session.add_all(
        RoleGrant(account_id=account.id, role=role, region=region, office=office)
        for role, region, office in grants
    )
    session.flush()
    actor = actor_of(session, account.id)
    assert actor is not None
    return actor
