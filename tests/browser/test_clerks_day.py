"""A day in four offices, on the pages: a dozen tasks, a supplement, a hand-over, a bulk."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine.access import Actor
from engine.accounts import actor_of, add_account
from engine.commands.deliver_message import deliver_message
from engine.commands.start_case import start_case
from engine.commands.submit_form import submit_form
from engine.ids import new_id
from engine.models import Case, WorkItem
from engine.packs.pack import read_pack
from engine.people import record_sections, register_person
from engine.runtime import Runtime
from engine.settings import Settings
from handlers.scenario import read_story
from handlers.scenario.cast import STORYTELLER
from tests.browser.house import House, OnPages
from tests.conftest import Database
from tests.stage import ROOT, calendar_of
from webapp import create_app
from webapp.demo import synthetic_id_no
from webapp.visitor import PageVisitor

REGION = "zongyang"
STORY = ROOT / "processes/zongyang/scenarios/approval_supplement.yaml"
COLLEAGUE = "韩梅"
#: Those who apply that morning, and the last digits of their numbers.
PEOPLE = {"钱玉兰": 22, "李桂芝": 24, "吴秀荣": 26}
MATERIALS = ("application_form", "identity", "social_card", "contributions", "medical_record")
AGREED = {"outcome": "agree", "retire_date": "2026-12-15", "deemed_months": 0}


class Day(OnPages):
    """Retirees work by commands, clerks on the pages."""

    def open(self) -> None:
        """Let everybody of ``PEOPLE`` apply; hire a second approver."""
        self.retirees: dict[str, Actor] = {}
        self.files = {name: self._apply(name, turn) for name, turn in PEOPLE.items()}
        grants = (("hrss_approver", REGION),)
        self.colleague = self._account("hanmei", COLLEAGUE, "staff", grants=grants)
        self._run_jobs()

    def _account(self, login: str, name: str, kind: str, **facts: Any) -> Actor:
        with self.runtime.transaction() as session:
            made = add_account(session, login, name, "long enough a password", kind, **facts)
            account_id = made.id
        with self.runtime.reading() as session:
            actor = actor_of(session, account_id)
        assert actor is not None
        return actor

    def _apply(self, name: str, turn: int) -> str:
        id_no = synthetic_id_no("340799", date(1971, 7, 15), turn)
        facts = {**self.story.person.model_dump(), "name": name, "id_no": id_no}
        with self.runtime.transaction() as session:
            file, person = register_person(self.runtime, session, REGION, facts)
            record_sections(self.runtime, session, file, self.story.file, STORYTELLER)
            file_id, person_id = str(file.id), person.id
        who = self._account(f"person{turn}", name, "person", person_id=person_id)
        self.retirees[name] = who
        start_case(self.runtime, REGION, "joint_case", {"name": name, "id_no": id_no}, who)
        self.by_command(name, "fill_in", self.story.steps[0].answers)
        return file_id

    def by_command(self, name: str, element: str, answers: Mapping[str, Any]) -> None:
        """A retiree does what is theirs to do, at home."""
        task = self._task(name, element)
        submit_form(self.runtime, task.id, task.revision, answers, self.retirees[name])
        self._run_jobs()

    def _task(self, name: str, element: str) -> WorkItem:
        with self.runtime.reading() as session:
            return session.scalars(
                select(WorkItem)
                .join(Case, Case.id == WorkItem.case_id)
                .where(WorkItem.element == element, WorkItem.state == "open")
                .where(Case.subject == name)
            ).one()

    def done_by_role(self) -> Mapping[str, int]:
        """How many tasks the offices have done."""
        with self.runtime.reading() as session:
            done = WorkItem.state == "done", WorkItem.role != "person"
            return Counter(session.scalars(select(WorkItem.role).where(*done)))

    # ------------------------------------------------------------ at the counters

    def sit_down(self, actor: Actor | None, view: str = "pool") -> None:
        """Somebody signs in and looks at what waits."""
        assert actor is not None
        self.enter(actor)
        self.list(view)
        self.look()

    def look(self) -> None:
        """Ask axe about the page that is open."""
        self._looked_at(self.page)

    def list(self, view: str = "pool") -> None:
        """Open a list of tasks."""
        self.page.goto(f"{self.base}/tasks?view={view}")

    def row(self, name: str) -> Locator:
        """The line about somebody."""
        return self.page.get_by_role("row").filter(has_text=name)

    def take(self, name: str) -> None:
        """Claim somebody's task; its form opens."""
        self.list()
        self.row(name).get_by_role("button", name="领取").click()

    def hand_in(self, answers: Mapping[str, Any], known: Mapping[str, Any] = {}) -> None:
        """Fill in the form that is open, and submit it."""
        self._fill(answers, known)
        self._press_on("提交")
        self._run_jobs()

    def accept(self, name: str) -> None:
        """The community takes an application in; the batch of the month arrives."""
        self.take(name)
        rows = [{"code": one} for one in MATERIALS]
        shared = [{**row, "state": "shared"} for row in rows[1:]]
        materials = [{**rows[0], "state": "received"}, *shared]
        accepted = {"outcome": "accept", "accepted_on": "2026-11-16"}
        self.hand_in({"materials": materials, **accepted}, {"materials": rows})
        deliver_message(self.runtime, "batch_received", self.files[name], str(new_id()))
        self._run_jobs()


@pytest.fixture
def day(
    database: Database,
    settings: Settings,
    tmp_path: Path,
    page: Page,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
) -> Day:
    def open_house(runtime: Runtime) -> str:
        return serve(create_app(replace(settings, demo=False), runtime))

    pack = read_pack(ROOT, REGION)
    house = House(database.engine, pack, calendar_of(pack), PageVisitor(settings))
    day = Day(house, read_story(STORY), tmp_path, page, open_house, accessible)
    day.open()
    return day


def test_a_day_in_four_offices(day: Day, page: Page) -> None:
    supplemented, handed, plain = PEOPLE
    approver = day.cast.visitor("hrss_approver")

    # the community takes three applications in
    day.sit_down(day.cast.visitor("agent"))
    for name in PEOPLE:
        day.accept(name)

    # the human-resources office asks one for more, hands the next on, agrees to the last
    day.sit_down(approver)
    day.take(supplemented)
    day.hand_in({"outcome": "supplement"})
    more = {"title": "户口簿", "requirement": "首页和本人页复印件"}
    day.hand_in({"items": [more], "days": 10, "clerk": "汪经办", "phone": "0562-5550312"})
    day.take(handed)
    page.get_by_role("link", name="转交同事").click()
    page.get_by_label("接收的同事").select_option(label=f"{COLLEAGUE}")
    page.get_by_label("转交原因").fill("当事人是本人亲属，需要回避")
    page.get_by_role("button", name="转交", exact=True).click()
    expect(page.get_by_text("已转交 1 件")).to_be_visible()
    day.take(plain)
    day.hand_in(AGREED)

    # the colleague reads why, and agrees
    day.sit_down(day.colleague, "mine")
    day.row(handed).get_by_role("link", name="办理").click()
    expect(page.get_by_text("需要回避")).to_be_visible()
    day.hand_in(AGREED)

    # what was missing has come
    day.by_command(supplemented, "supply", {"handed_in": True})
    day.sit_down(approver)
    day.take(supplemented)
    day.hand_in(AGREED)

    # the medical insurance finds all three qualified, at once
    day.sit_down(day.cast.visitor("med_clerk"))
    page.goto(f"{day.base}/tasks/bulk")
    for name in PEOPLE:
        page.get_by_label(f"{name}").first.check()
    page.locator("[name=outcome][value=qualified]").check()
    page.get_by_role("button", name="提交").last.click()
    expect(page.get_by_text("已提交 3 件")).to_be_visible()
    day.look()

    # the housing fund, one after the other
    day.sit_down(day.cast.visitor("fund_clerk"))
    for name in PEOPLE:
        day.take(name)
        day.hand_in({"outcome": "qualified"})

    assert day.done_by_role() == {"agent": 3, "hrss_approver": 5, "med_clerk": 3, "fund_clerk": 3}
