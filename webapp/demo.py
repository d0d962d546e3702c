"""演示: accounts to try the system with, and invented people whose cases are under way.

Everything is made through the engine's own commands, as a clerk or an employer would, so that
nothing on the screen is painted. Repeating it changes nothing. All people are synthetic: their
identity numbers carry the unassigned county code 220199 (rules.md R6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import actor_of, add_account
from engine.calendar import months_after, months_before
from engine.clock import office_date
from engine.commands.start_case import start_case
from engine.commands.submit_form import submit_form
from engine.models import Account, Case, Setting, Unit
from engine.people import find_file
from engine.queries.worklist import Filters, worklist
from engine.runtime import Runtime

REGION = "jilin"
#: Agencies begin at nine on the day of retirement: whoever tries the system in the small hours
#: meets people who retired the day before.
OPENING = timedelta(hours=9)
PASSWORD = "tuixiu-2026"  # noqa: S105 - shown on the sign-in page of a demonstration


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demonstration.

    ``unit`` is the place of its employer among ``UNITS``, ``person`` that of its retiree among
    ``PEOPLE``; ``unit_admin`` looks after the employer's operators.
    """

    login: str
    name: str
    office: str
    kind: str = "staff"
    roles: tuple[str, ...] = ()
    unit: int | None = None
    person: int | None = None
    password: str = PASSWORD
    region: str = "吉林"
    unit_admin: bool = False

    @property
    def title(self) -> str:
        """Who this is, on one line."""
        return f"{self.office}　{self.name}"


@dataclass(frozen=True)
class DemoPerson:
    """An invented person about to retire.

    ``months`` from the first start of the demonstration until the retirement date. ``turn`` ends
    the identity number: odd for men, even for women. ``unit`` is the place of the employer among
    ``UNITS``; None is flexible employment. ``checked``: contributions were checked. ``stage``: how
    far the joint case has come, ``""`` for not begun.
    """

    name: str
    turn: int
    months: int
    unit: int | None
    checked: bool = True
    stage: Literal["", "begun", "submitted"] = ""

    def retire_date(self, since: date) -> date:
        """The retirement date, when the demonstration was first started on ``since``."""
        return self._dates(since)[1]

    def birth(self, since: date) -> date:
        """The birth date from which that retirement date follows."""
        return self._dates(since)[0]

    def _dates(self, since: date) -> tuple[date, date]:
        """Birth and retirement by the gradual delay (2024 年 9 月 13 日 决定; rules.md R1).

        Men at 60, women in management at 55, one month later for every four months begun since
        2025. In one month of five nobody retires; then a month beside it is taken.
        """
        age = 60 if self.turn % 2 else 55
        for months in (self.months, self.months - 1 if self.months else 1):
            retire = months_after(since, months)
            for delay in range(37):
                original = months_before(retire, delay)
                begun = max(0, (original.year - 2025) * 12 + original.month)
                if delay == -(-begun // 4):
                    return months_before(original, age * 12), retire
        return months_before(retire, (age + 3) * 12), retire  # the delay has ended

    def id_no(self, since: date) -> str:
        """A number that is formally right and belongs to nobody."""
        return synthetic_id_no("220199", self.birth(since), self.turn)


UNITS = (
    ("吉林省示范机械有限公司", "91220199MA0X00001W"),
    ("示范市样例食品有限公司", "91220199MA0X000020"),
)

PEOPLE = (
    DemoPerson("张建国", 1, 0, 0),
    DemoPerson("李秀英", 2, 1, 0, stage="begun"),
    DemoPerson("王德福", 3, 0, 0, stage="submitted"),
    DemoPerson("赵桂兰", 4, 0, 1, checked=False, stage="submitted"),
    DemoPerson("刘长河", 5, 4, 1),
    DemoPerson("陈玉梅", 6, 0, None),
)

ACCOUNTS = (
    DemoAccount("rs01", "李文静", "人社审批岗", roles=("hrss_approver",)),
    DemoAccount("rs02", "周正", "人社预审岗", roles=("hrss_reviewer",)),
    DemoAccount("sb01", "孙明霞", "社保经办岗", roles=("si_clerk", "si_supervisor")),
    DemoAccount("sb02", "郑晓梅", "社保经办岗", roles=("si_clerk",)),
    DemoAccount("yb01", "何雨", "医保经办岗", roles=("med_clerk",)),
    DemoAccount("gjj01", "高翔", "公积金经办岗", roles=("fund_clerk",)),
    DemoAccount("wj01", "白洁", "卫健内容维护岗", roles=("health_editor",)),
    DemoAccount("admin", "管理员", "系统管理", roles=("admin",)),
    DemoAccount("dw01", "马晓东", UNITS[0][0], "unit", unit=0, unit_admin=True),
    DemoAccount("dw02", "郑敏", UNITS[1][0], "unit", unit=1, unit_admin=True),
    DemoAccount("gr01", "张建国", "退休人员（单位职工）", "person", person=0),
    DemoAccount("gr02", "陈玉梅", "退休人员（灵活就业）", "person", person=5),
    DemoAccount("gr03", "王德福", "退休人员（单位职工）", "person", person=2),
)


def create(runtime: Runtime) -> Sequence[DemoAccount]:
    """Make the demonstration's accounts, people and cases, where they are not there yet.

    A first start that was killed half-way is completed by the next; once complete, people and
    cases are left to those who play with them.

    Returns:
        The accounts, to be shown to whoever tries the system.
    """
    with runtime.transaction() as session:
        since = first_start(session, runtime)
        units = [_unit(session, name, uscc) for name, uscc in UNITS]
        for account in ACCOUNTS:
            if account.person is None:
                _account(session, account, units, None)
        if session.get(Setting, "demo_complete"):
            return ACCOUNTS
    for person in PEOPLE:
        _put_on_record(runtime, person, since)
        if person.stage:
            _apply(runtime, person, since)
    with runtime.transaction() as session:
        session.add(Setting(key="demo_complete", value=True))
        for account in ACCOUNTS:
            if account.person is not None:
                number = PEOPLE[account.person].id_no(since)
                found = find_file(runtime, session, REGION, number)
                assert found is not None
                _account(session, account, units, found[1].id)
    return ACCOUNTS


def id_numbers(runtime: Runtime) -> Mapping[str, str]:
    """The invented identity numbers of the retirees who may sign in, by login: some steps ask."""
    with runtime.transaction() as session:
        since = first_start(session, runtime)
    return {
        account.login: PEOPLE[account.person].id_no(since)
        for account in ACCOUNTS
        if account.person is not None
    }


def synthetic_id_no(county: str, birth: date, turn: int) -> str:
    """Make a resident identity number with a valid check digit (GB 11643).

    Args:
        county: six digits; an unassigned code, so that the number belongs to nobody.
        turn: 1 … 999; odd for men, even for women.

    >>> synthetic_id_no("220199", date(1965, 1, 15), 1)
    '220199196501150011'
    """
    digits = f"{county}{birth:%Y%m%d}{turn:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def _unit(session: Session, name: str, uscc: str) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.uscc == uscc))
    if unit is None:
        unit = Unit(name=name, uscc=uscc)
        session.add(unit)
        session.flush()
    return unit


def _account(session: Session, account: DemoAccount, units: Sequence[Unit], person_id: Any) -> None:
    if session.scalar(select(Account.id).where(Account.login == account.login)):
        return
    add_account(
        session,
        account.login,
        account.name,
        account.password,
        account.kind,
        office=account.office if account.kind != "person" else "",
        unit_id=units[account.unit].id if account.unit is not None else None,
        person_id=person_id,
        grants=tuple((role, REGION) for role in account.roles),
        unit_admin=account.unit_admin,
        verified="L2" if account.person is not None else "",
    )


def first_start(session: Session, runtime: Runtime) -> date:
    """The day of the first start: on every later one the people are the same."""
    kept = session.get(Setting, "demo_since")
    if kept is None:
        kept = Setting(
            key="demo_since", value=office_date(runtime.clock.now() - OPENING).isoformat()
        )
        session.add(kept)
    return date.fromisoformat(kept.value)


def _put_on_record(runtime: Runtime, person: DemoPerson, since: date) -> None:
    """Register a person with pre-review and contribution check, as the offices would."""
    with runtime.reading() as session:
        reviewer, clerk = actor_named(session, "rs02"), actor_named(session, "sb01")
    registration = _registration(person, since)
    no = _case(runtime, person, since, "record_prereview", reviewer, registration)
    _fill(runtime, no, reviewer, "enter_prereview", _prereview(person, since))
    if person.checked:
        _fill(runtime, no, clerk, "enter_check", _check(since))


def _apply(runtime: Runtime, person: DemoPerson, since: date) -> None:
    """Let the employer begin the joint case of a person, and submit it."""
    assert person.unit is not None
    with runtime.reading() as session:
        operator = actor_named(session, f"dw0{person.unit + 1}")
    who = {"name": person.name, "id_no": person.id_no(since)}
    no = _case(runtime, person, since, "joint_case", operator, who)
    if person.stage == "submitted":
        for element, answers in _application(person).items():
            _fill(runtime, no, operator, element, answers)


def _case(
    runtime: Runtime,
    person: DemoPerson,
    since: date,
    process: str,
    actor: Actor,
    answers: Mapping[str, Any],
) -> str:
    """The number of a person's case, which is started when there is none yet."""
    with runtime.reading() as session:
        found = find_file(runtime, session, REGION, person.id_no(since))
        no = found and session.scalar(
            select(Case.no).where(Case.file_id == found[0].id, Case.process == process)
        )
    return no or start_case(runtime, REGION, process, answers, actor).no


def actor_named(session: Session, login: str) -> Actor:
    """The account with this login, as it acts now."""
    account_id = session.scalars(select(Account.id).where(Account.login == login)).one()
    actor = actor_of(session, account_id)
    assert actor is not None
    return actor


def _fill(
    runtime: Runtime, case_no: str, actor: Actor, element: str, answers: Mapping[str, Any]
) -> None:
    """Complete a step of a case, unless that was done before."""
    for task in worklist(runtime, actor, "pool", Filters(case_no=case_no, element=element)).rows:
        submit_form(runtime, task.id, task.revision, answers, actor)


def _registration(person: DemoPerson, since: date) -> dict[str, Any]:
    answers = {
        "name": person.name,
        "id_no": person.id_no(since),
        "mobile": f"139000000{person.turn:02d}",
        "employment": "flexible" if person.unit is None else "employee",
    }
    if person.unit is not None:
        answers["uscc"] = UNITS[person.unit][1]
    return answers


def _prereview(person: DemoPerson, since: date) -> dict[str, Any]:
    return {
        "conclusion": "passed",
        "filed_by": "custodian" if person.unit is None else "unit",
        **({} if person.unit is None else {"filer_uscc": UNITS[person.unit][1]}),
        "birth_date": person.birth(since).isoformat(),
        "retire_type": "normal",
        "retire_date": person.retire_date(since).isoformat(),
        "deemed_months": 60,
        "deemed_basis": "1986 年 7 月至 1991 年 6 月连续工龄",
        "annuity": False,
        "si_office": "city_si",
        "med_office": "city_med",
    }


def _check(since: date) -> dict[str, Any]:
    return {
        "conclusion": "met",
        "contribution_state": "normal",
        "actual_months": 380,
        "checked_on": since.isoformat(),
    }


def _application(person: DemoPerson) -> dict[str, dict[str, Any]]:
    """What the employer fills in, step by step."""
    return {
        "choose_items": {
            "guide_read": True,
            "pension": True,
            "medical": True,
            "fund": "withdraw",
            "fund_centre": "city_fund",
        },
        "bank_account": {
            "bank_name": "中国工商银行",
            "account_no": "6222020000000000018",
            "holder": person.name,
        },
        "submit_application": {
            "contact_name": "马晓东",
            "contact_mobile": "13900000088",
            "declaration": True,
        },
    }
