"""演示: what a region brings along to be tried: ``processes/<region>/demo/demo.yaml``.

Accounts, units, invented people and cases under way, told in the words of the region's own forms.
Everything is made through the engine's commands, and making it again changes nothing. All people
are synthetic: their identity numbers carry an unassigned county code (rules.md R6).

Texts among answers may hold ``{today}``, ``{today+30}`` (days), ``{retire}``, ``{birth}``,
``{name}``, ``{id_no}`` and ``{mobile}`` of the person; ``{attach: 名称.pdf}`` hands in a file.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import add_account
from engine.commands.start_case import start_case
from engine.commands.store_attachment import store_attachment
from engine.commands.submit_form import submit_form
from engine.errors import Invalid
from engine.models import Account, Case, Setting, Unit
from engine.people import find_file, record_sections, register_person
from engine.queries.worklist import Filters, worklist
from engine.runtime import Runtime
from engine.wiring import PACKS
from handlers.scenario.papers import hand_in
from webapp.demo import PASSWORD, DemoAccount, DemoPerson, actor_named, first_start, synthetic_id_no


class Part(BaseModel):
    """Unknown words are mistakes, as everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountRule(Part):
    """Somebody who can sign in. ``roles`` are ``role`` or ``role@office``."""

    login: str
    name: str
    title: str
    roles: list[str] = []
    unit: str | None = None
    person: str | None = None


class UnitRule(Part):
    """An employer or a custody institution."""

    name: str
    uscc: str
    kind: Literal["employer", "custodian"] = "employer"


class PersonRule(Part):
    """An invented person; ``turn`` is odd for men (60), even for women (55).

    ``months``: from the first start of the demonstration until the statutory retirement date.
    """

    name: str
    turn: int
    months: int
    mobile: str | None = None
    unit: str | None = None
    custodian: str | None = None
    office: str | None = None
    sections: dict[str, dict[str, Any]] = {}


class StepRule(Part):
    """A task that was already done."""

    by: str
    submit: str
    answers: dict[str, Any] = {}


class CaseRule(Part):
    """A case under way."""

    process: str
    person: str
    by: str
    answers: dict[str, Any] = {}
    steps: list[StepRule] = []


class RegionDemo(Part):
    """The file as a whole. ``county`` are six digits that no county has."""

    title: str
    county: str
    accounts: list[AccountRule]
    units: dict[str, UnitRule] = {}
    people: list[PersonRule] = []
    cases: list[CaseRule] = []


@cache
def read_demos(root: Path = PACKS) -> Mapping[str, RegionDemo]:
    """Read every region's demonstration.

    Raises:
        Invalid: a file is wrong; the message names file and place.
    """
    found = {}
    for path in sorted(root.glob("processes/*/demo/demo.yaml")):
        region = path.parent.parent.name
        try:
            found[region] = RegionDemo.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise Invalid(f"{region}/demo/demo.yaml：{str(error)[:300]}") from error
    return found


def accounts_of(region: str, told: RegionDemo) -> list[DemoAccount]:
    """The accounts of a region as the sign-in page lists them."""
    return [
        DemoAccount(
            account.login,
            account.name,
            account.title,
            _kind(account),
            tuple(account.roles),
            region=told.title,
        )
        for account in told.accounts
    ]


def create_regions(runtime: Runtime) -> Sequence[DemoAccount]:
    """Make the demonstrations of all regions that bring one along, where they are not there yet."""
    shown: list[DemoAccount] = []
    for region, told in read_demos().items():
        _Maker(runtime, region, told).make()
        shown += accounts_of(region, told)
    return shown


class _Maker:
    """Makes the demonstration of one region."""

    def __init__(self, runtime: Runtime, region: str, told: RegionDemo) -> None:
        self._runtime, self._region, self._told = runtime, region, told
        with runtime.transaction() as session:
            self._since = first_start(session, runtime)
        self._people = {person.name: person for person in told.people}

    def make(self) -> None:
        """Make what is missing; once complete, people and cases are left to those who play."""
        done = f"demo_complete/{self._region}"
        with self._runtime.transaction() as session:
            if session.get(Setting, done):
                return
            units = {key: _unit(session, rule) for key, rule in self._told.units.items()}
            for person in self._told.people:
                self._put_on_record(session, person, units)
            for account in self._told.accounts:
                self._account(session, account, units)
        for case in self._told.cases:
            self._case(case)
        with self._runtime.transaction() as session:
            session.add(Setting(key=done, value=True))

    def _put_on_record(
        self, session: Session, person: PersonRule, units: Mapping[str, Unit]
    ) -> None:
        facts = {
            "name": person.name,
            "id_no": self._facts(person)["id_no"],
            "mobile": person.mobile,
            "employment": "employee" if person.unit else "flexible",
            "uscc": units[person.unit].uscc if person.unit else None,
            "office": person.office,
            "custodian_id": units[person.custodian].id if person.custodian else None,
        }
        file, _ = register_person(self._runtime, session, self._region, facts)
        sections = self._told_of(person, person.sections)
        if sections:
            record_sections(self._runtime, session, file, sections, "演示数据")

    def _account(self, session: Session, account: AccountRule, units: Mapping[str, Unit]) -> None:
        if session.scalar(select(Account.id).where(Account.login == account.login)):
            return
        person_id = None
        if account.person:
            number = self._facts(self._people[account.person])["id_no"]
            found = find_file(self._runtime, session, self._region, number)
            person_id = found[1].id if found else None
        add_account(
            session,
            account.login,
            account.name,
            PASSWORD,
            _kind(account),
            office="" if account.person else account.title,
            unit_id=units[account.unit].id if account.unit else None,
            person_id=person_id,
            grants=[_grant(role, self._region) for role in account.roles],
        )

    def _case(self, case: CaseRule) -> None:
        person = self._people[case.person]
        with self._runtime.reading() as session:
            actor = actor_named(session, case.by)
            found = find_file(self._runtime, session, self._region, self._facts(person)["id_no"])
            no = found and session.scalar(
                select(Case.no).where(Case.file_id == found[0].id, Case.process == case.process)
            )
        if not no:
            answers = self._handed_in(person, case.answers, actor)
            no = start_case(self._runtime, self._region, case.process, answers, actor).no
        for step in case.steps:
            with self._runtime.reading() as session:
                worker = actor_named(session, step.by)
            narrowed = Filters(case_no=no, element=step.submit)
            for task in worklist(self._runtime, worker, "pool", narrowed).rows:
                answers = self._handed_in(person, step.answers, worker, task.id)
                submit_form(self._runtime, task.id, task.revision, answers, worker)

    def _handed_in(
        self, person: PersonRule, answers: Mapping[str, Any], actor: Actor, task_id: Any = None
    ) -> dict[str, Any]:
        filled: dict[str, Any] = hand_in(
            self._told_of(person, answers),
            lambda name, raw: store_attachment(self._runtime, name, raw, actor, task_id),
        )
        return filled

    def _facts(self, person: PersonRule) -> dict[str, Any]:
        dates = DemoPerson(person.name, person.turn, person.months, None)
        birth = dates.birth(self._since)
        return {
            "today": self._since,
            "birth": birth,
            "retire": dates.retire_date(self._since),
            "name": person.name,
            "id_no": synthetic_id_no(self._told.county, birth, person.turn),
            "mobile": person.mobile or "",
        }

    def _told_of(self, person: PersonRule, told: Any) -> Any:
        """Fill in the person's facts wherever a text names them."""
        if isinstance(told, str):
            return _TOKEN.sub(lambda found: _fact(self._facts(person), found), told)
        if isinstance(told, Mapping):
            return {key: self._told_of(person, value) for key, value in told.items()}
        if isinstance(told, list):
            return [self._told_of(person, value) for value in told]
        return told


_TOKEN = re.compile(r"\{(today|birth|retire|name|id_no|mobile)([+-][0-9]{1,4})?(:7)?\}")


def _fact(facts: Mapping[str, Any], found: re.Match[str]) -> str:
    """A fact as text; dates may be moved by days and cut to the month (``:7``)."""
    value = facts[found[1]]
    if isinstance(value, date) and found[2]:
        value += timedelta(days=int(found[2]))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text[:7] if found[3] else text


def _kind(account: AccountRule) -> str:
    return "person" if account.person else "unit" if account.unit else "staff"


def _grant(role: str, region: str) -> tuple[str, str, str]:
    name, _, office = role.partition("@")
    return name, region, office


def _unit(session: Session, rule: UnitRule) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.uscc == rule.uscc))
    if unit is None:
        unit = Unit(name=rule.name, uscc=rule.uscc, kind=rule.kind)
        session.add(unit)
        session.flush()
    return unit
