"""A stage for tests: Jilin with its pack published, a clock that stands still, and a cast.

阿明 works for the employer, 张建国 retires, 小李 reviews and approves, 老王 works elsewhere.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session, sessionmaker

import handlers  # noqa: F401  registers the operations
from engine.access import Actor
from engine.accounts import actor_of, add_account
from engine.calendar import WorkCalendar
from engine.clock import SettableClock, at
from engine.commands.start_case import Started, start_case
from engine.commands.submit_form import Submitted, submit_form
from engine.models import Unit, WorkItem
from engine.operations import operations
from engine.packs.pack import Pack, read_pack
from engine.packs.release import ReleaseShelf, activate, publish, seed_agencies
from engine.runtime import Runtime
from engine.scope import scope_of, within
from engine.sealing import Keyring

ROOT = Path(__file__).parent.parent
CALENDAR = WorkCalendar.load(ROOT / "processes" / "calendar")
JILIN = read_pack(ROOT, "jilin")

RETIREE = {
    "name": "张建国",
    "id_no": "220199196611200016",
    "mobile": "13900000001",
    "employment": "employee",
    "uscc": "91220199MA0X00001W",
}
PREREVIEW = {
    "conclusion": "passed",
    "filed_by": "unit",
    "filer_uscc": "91220199MA0X00001W",
    "birth_date": "1966-11-20",
    "retire_type": "normal",
    "retire_date": "2027-05-20",
    "deemed_months": 60,
    "deemed_basis": "1986 年 7 月至 1991 年 6 月连续工龄",
    "annuity": False,
    "si_office": "city_si",
    "med_office": "city_med",
}
CHECK = {
    "conclusion": "met",
    "contribution_state": "normal",
    "actual_months": 380,
    "checked_on": "2027-03-10",
}
ALL_ITEMS = {
    "guide_read": True,
    "pension": True,
    "medical": True,
    "fund": "withdraw",
    "fund_centre": "city_fund",
}
CARD = {
    "bank_name": "中国工商银行",
    "account_no": "6222020000000000018",
    "holder": "张建国",
}
APPLICATION = {"contact_name": "阿明", "contact_mobile": "13900000002", "declaration": True}
AGREE = {"outcome": "agree", "retire_date": "2027-05-20", "deemed_months": 60}


def calendar_of(pack: Pack) -> WorkCalendar:
    """The working days of a pack's region."""
    return WorkCalendar.load(ROOT / "processes" / "calendar", pack.config.calendar)


class Ledger:
    """A queue that only writes down what was deferred."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, UUID]] = []

    def defer(self, session: Session, job: str, ids: Sequence[UUID]) -> None:
        self.jobs += [(job, one) for one in ids]


#: A release never changes: what one test read of it serves the next.
SHELF = ReleaseShelf()


class Stage:
    """A runtime on a database, with people."""

    def __init__(
        self, engine: Engine | Connection, pack: Pack = JILIN, now: datetime | None = None
    ) -> None:
        self.clock = SettableClock(now or at(date(2027, 4, 20), 9))
        self.queue = Ledger()
        self.runtime = Runtime(
            sessions=sessionmaker(engine, expire_on_commit=False),
            clock=self.clock,
            keyring=Keyring(b"m" * 32, b"s" * 32),
            operations=operations,
            releases=SHELF,
            calendars={"cn": CALENDAR, pack.config.calendar: calendar_of(pack)},
            queue=self.queue,
        )
        self.region = pack.config.code
        with self.runtime.transaction() as session:
            release = publish(session, pack, operations, self.clock.now())
            activate(session, self.region, release, self.clock.now())
            seed_agencies(session, pack.config, "http://127.0.0.1:1")
            unit = Unit(name="吉林省示范机械有限公司", uscc=RETIREE["uscc"])
            other = Unit(name="长春样例食品有限公司", uscc="91640199MA76000049")
            session.add_all([unit, other])
            session.flush()
            self.unit_id = unit.id
        roles = ("hrss_reviewer", "hrss_approver", "si_clerk", "admin")
        self.ming = self.account("aming", "阿明", "unit", unit_id=self.unit_id)
        self.rival = self.account("rival", "外单位经办人", "unit", unit_id=other.id)
        self.li = self.account("xiaoli", "小李", "staff", roles=roles)
        self.mate = self.account("xiaozhao", "小赵", "staff", roles=roles)
        self.wang = self.account("laowang", "老王", "staff", roles=roles, region="elsewhere")

    def account(
        self, login: str, name: str, kind: str, *, roles: Sequence[str] = (), **facts: Any
    ) -> Actor:
        """Make an account and return it as an actor."""
        region = facts.pop("region", self.region)
        with self.runtime.transaction() as session:
            account = add_account(
                session,
                login,
                name,
                "long enough a password",
                kind,
                grants=tuple((role, region) for role in roles),
                **facts,
            )
            account_id = account.id
        with self.runtime.reading() as session:
            actor = actor_of(session, account_id)
        assert actor is not None
        return actor

    def tasks(self) -> dict[str, WorkItem]:
        """Open tasks by element."""
        with self.runtime.reading() as session:
            rows = session.scalars(select(WorkItem).where(WorkItem.state == "open"))
            return {row.element: row for row in rows}

    def submit(self, element: str, actor: Actor, answers: dict[str, Any]) -> Submitted:
        """Complete the one open task of an element."""
        task = self.tasks()[element]
        with within(scope_of(actor)):
            return submit_form(self.runtime, task.id, task.revision, answers, actor)

    def start(self, process: str, actor: Actor, answers: dict[str, Any]) -> Started:
        """Start a case."""
        with within(scope_of(actor)):
            return start_case(self.runtime, self.region, process, answers, actor)
