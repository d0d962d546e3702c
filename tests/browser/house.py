"""A story on the pages: everybody in it works in a real browser instead of through commands.

The same scenario files, the same agencies; only who submits a form does it by finding its fields
on the page, answering them, and pressing the button.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from argon2 import PasswordHasher
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from engine.access import Actor
from engine.calendar import WorkCalendar
from engine.clock import SettableClock
from engine.jobs import JobQueue
from engine.models import Account, Case, WorkItem
from engine.packs.pack import Pack
from engine.packs.release import ReleaseShelf, publish
from engine.queries.task_page import task_page
from engine.runtime import Runtime
from engine.sealing import Keyring
from engine.wiring import operations
from handlers.scenario.papers import paper
from handlers.scenario.performance import Performance
from handlers.scenario.roster_trip import fill_in
from handlers.scenario.story import RosterTrip, Step, Story, Visit
from handlers.scenario.theatre import Theatre
from handlers.scenario.variation import VariedShelf
from handlers.scenario.verdict import Stop
from webapp.visitor import PageVisitor

PASSWORD = "a password of the stage"  # of accounts that live for one test


@dataclass
class House:
    """A theatre on a database of its own: what is played there is committed."""

    engine: Engine
    pack: Pack
    calendar: WorkCalendar
    visitor: PageVisitor

    @cached_property
    def release(self) -> str:
        with sessionmaker(self.engine).begin() as session:
            return publish(session, self.pack, operations, datetime.now(UTC))

    def scene(self) -> AbstractContextManager[None]:
        return nullcontext()

    def runtime(
        self, clock: SettableClock, queue: JobQueue, parameters: Mapping[str, Any], practice: bool
    ) -> Runtime:
        return Runtime(
            sessions=sessionmaker(self.engine, expire_on_commit=False),
            clock=clock,
            keyring=Keyring(b"m" * 32, b"s" * 32),
            operations=operations,
            releases=self._shelf(parameters, practice),
            calendars={"cn": self.calendar, self.pack.config.calendar: self.calendar},
            queue=queue,
        )

    def _shelf(self, parameters: Mapping[str, Any], practice: bool) -> ReleaseShelf:
        if parameters or practice:
            return VariedShelf(self.pack, parameters, practice)
        return ReleaseShelf()


class OnPages(Performance):
    """One story, submitted on the pages.

    Args:
        open_house: serves the application on the story's runtime and returns its address.
        looked_at: called with every page before it is submitted.
    """

    def __init__(
        self,
        house: House,
        story: Story,
        folder: Path,
        page: Page,
        open_house: Callable[[Runtime], str],
        looked_at: Callable[[Page], None],
    ) -> None:
        super().__init__(cast(Theatre, house), story, folder)
        self.page, self._looked_at = page, looked_at
        self.base = open_house(self.runtime)
        self._inside: str | None = None
        hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        self._hashed = hashed

    # ------------------------------------------------------------ signing in

    def enter(self, actor: Actor) -> None:
        """Sign in as somebody, unless they are signed in already."""
        if self._inside == str(actor.account_id):
            return
        with self.runtime.transaction() as session:
            account = session.get_one(Account, actor.account_id)
            account.password_hash = self._hashed
            login = account.login
        if self._inside:
            with self.page.expect_navigation():  # or the next one would be overtaken by it
                self.page.get_by_role("button", name="退出").click()
        self.page.goto(f"{self.base}/sign-in")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.page.get_by_role("button", name="退出").wait_for()
        self._inside = str(actor.account_id)

    # ------------------------------------------------------------ what people do

    def _start(self) -> None:
        start, person = self.story.start, self.story.person
        actor = self.cast.visitor(start.by) if start.by != "nobody" else None
        if actor is None or actor.account_id is None:  # nobody signs in
            super()._start()
            return
        self._await_their_time("")
        answers = start.answers or {"name": person.name, "id_no": person.id_no}
        self.enter(actor)
        self.page.goto(f"{self.base}/start/{self.pack.config.code}/{self.story.process}/form")
        if start.refused and self.page.get_by_text(start.refused).count():
            raise Stop  # as told: there is nothing to fill in
        read = self.page.get_by_role("link", name="已阅读，开始申请")
        if read.count():  # the guide is shown first
            read.click()
        self._fill(answers, {})
        try:
            self._press_on("下一步")
        except Stop as stop:
            if start.refused and start.refused in str(stop):
                raise Stop from stop  # as told: this story is at its end
            raise
        self.verdict.one(Case, Case.process == self.story.process)
        self._run_jobs()

    def _submit(self, step: Step) -> None:
        if step.invalid is not None:
            return  # told elsewhere
        named = WorkItem.form if "/" in (step.submit or "") else WorkItem.element
        task = self.verdict.one(WorkItem, named == step.submit, WorkItem.state == "open")
        by = task.role if step.by == "applicant" else step.by
        actor = self.cast.colleague() if step.colleague else self.cast.worker(by)
        if task.claimed_by and task.claimed_by != actor.account_id:
            actor = self.cast.colleague()  # who did the step before was led on to this one
        self.enter(actor)
        self.page.goto(f"{self.base}/tasks/{task.id}")
        claim = self.page.get_by_role("button", name="领取并办理")
        if claim.count():
            claim.click()
            claim.wait_for(state="detached")
        known = task_page(self.runtime, task.id, actor).answers
        self._fill(step.answers, known)
        self._press_on("提交")

    def _press_on(self, button: str) -> None:
        self._looked_at(self.page)
        with self.page.expect_navigation():
            self.page.locator("form .btn-list").get_by_role(
                "button", name=button, exact=True
            ).click()
        wrong = self.page.locator("#error-summary")
        if wrong.count():
            raise Stop(wrong.inner_text())

    def exchange(self, trip: RosterTrip) -> None:
        """Take a roster to an agency and its answers back, on the page 交换名册."""
        config = self.pack.config
        self.enter(self.cast.worker(config.desk_of(trip.agency) or "admin"))
        self.page.goto(f"{self.base}/exchange/{config.code}/{trip.agency}")
        export = self.page.get_by_role("button", name=re.compile("导出名册"))
        if export.is_enabled():
            with self.page.expect_navigation():
                export.click()
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name="下载名册").first.click()
        of_agency = [each for each in operations if each.agency == trip.agency]
        filled = fill_in(Path(started.value.path()).read_bytes(), of_agency, trip.reply)
        payload = FilePayload(name="反馈.xlsx", mimeType=_XLSX, buffer=filled)
        self.page.locator("[name=result]").first.set_input_files(payload)
        self.page.get_by_role("button", name="上传核对").first.click()
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=re.compile("登记 [0-9]+ 行")).click()

    def _visit(self, visit: Visit) -> None:
        """Press what a story presses; what can be read on a page is told elsewhere."""
        if visit.post is not None:
            super()._visit(visit)

    def _step(self, step: Step) -> None:
        if step.exchange:
            self.exchange(step.exchange)
            step = step.model_copy(update={"exchange": None})
        super()._step(step)

    # ------------------------------------------------------------ filling in a form

    def _fill(self, answers: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        """Answer every field; those that appear after others were answered come in later rounds."""
        left = dict(_flat(answers, known))
        while left:
            done = [name for name, value in left.items() if self._answer(name, value)]
            if not done:
                self.page.wait_for_timeout(300)  # the part of the form that depends is on its way
                done = [name for name, value in left.items() if self._answer(name, value)]
            if not done:
                raise Stop(f"页面上没有这些字段：{sorted(left)}")
            for name in done:
                del left[name]

    def _answer(self, name: str, value: Any) -> bool:
        """Answer a field if it is on the page."""
        self._settled()
        if found := re.fullmatch(r"(.+)\.([0-9]+)\.[^.]+", name):
            self._add_row(found[1], int(found[2]))
        fields = self.page.locator(f'[name="{name}"]:not([type=hidden])')
        if not fields.count():
            # a fact the case knows better than whoever fills in the form
            fact = self.page.locator(f"dl#f-{name.replace('.', '-')}").count() > 0
            return fact or value is False
        kind = fields.first.evaluate("field => field.type")
        match kind:
            case "radio" | "checkbox":
                self._tick(name, value)
            case "file":
                self._hand_in(fields.first, value)
            case "select-one":
                fields.first.select_option(str(value))
            case _:
                fields.first.fill(self._typed(fields.first, value))
                fields.first.blur()
        return True

    def _settled(self) -> None:
        """Wait until what depends on the last answer is there."""
        expect(self.page.locator(".htmx-request")).to_have_count(0, timeout=20_000)

    def _tick(self, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            told = str(one).lower() if isinstance(one, bool) else str(one)
            box = self.page.locator(f'[name="{name}"][value="{told}"]:not([type=hidden])')
            if box.count():
                box.check()
            elif one is False:
                self.page.locator(f'[name="{name}"][type=checkbox]').uncheck()
            self._settled()

    def _hand_in(self, field: Locator, value: Any) -> None:
        given = value if isinstance(value, list) else [value]
        names = [str(one["attach"]) for one in given]
        field.set_input_files(
            [FilePayload(name=one, mimeType="application/pdf", buffer=paper(one)) for one in names]
        )
        self.page.get_by_role("link", name=names[-1]).first.wait_for()

    def _typed(self, field: Locator, value: Any) -> str:
        if isinstance(value, list):
            return "\n".join(map(str, value))
        in_yuan = field.evaluate(
            "field => !!field.parentElement.querySelector('.input-group-text')"
        )
        return f"{value / 100:.2f}" if in_yuan else str(value)

    def _add_row(self, rows: str, number: int) -> None:
        if self.page.locator(f'[name="{rows}.{number}._row"]').count():
            return
        add = self.page.locator(f'[name=_action][value="add:{rows}"]')
        if add.count():
            add.click()
            self.page.locator(f'[name="{rows}.{number}._row"]').wait_for(state="attached")


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _flat(answers: Any, known: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Answers by the names of their fields; a checklist row stands where the page has it."""
    for key, value in answers.items():
        beside = known.get(key) if isinstance(known, Mapping) else None
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and "attach" not in value:
            yield from _flat(value, beside or {}, f"{name}.")
        elif (
            isinstance(value, list)
            and value
            and isinstance(value[0], Mapping)
            and not _papers(value)
        ):
            codes = [row.get("code") for row in beside or [] if isinstance(row, Mapping)]
            for number, row in enumerate(value):
                code = row.get("code")
                place = codes.index(code) if code and code in codes else number
                cells = {cell: told for cell, told in row.items() if cell != "code"}
                yield from _flat(cells, {}, f"{name}.{place}.")
        else:
            yield name, value


def _papers(value: list[Any]) -> bool:
    return "attach" in value[0]
