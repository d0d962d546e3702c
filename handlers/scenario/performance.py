"""One story on the stage: people submit, agencies answer, time goes by."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.clock import CHINA, SettableClock, at, office_date
from engine.commands.deliver_message import deliver_message
from engine.commands.start_case import start_case
from engine.commands.store_attachment import store_attachment
from engine.commands.submit_form import submit_form
from engine.commands.sweep import sweep
from engine.errors import EngineError, Invalid
from engine.ids import new_id
from engine.models import (
    AgencySetting,
    Case,
    Export,
    Letter,
    ServiceCall,
    Timer,
    WorkItem,
)
from engine.models import Exchange as ExchangeList
from engine.packs.release import activate, seed_agencies, seed_offices
from engine.people import record_sections
from engine.queries.audit import audit
from engine.scope import scope_of, within
from engine.starts import START, schedule_starts
from handlers.adapters.api import ApiAdapter
from handlers.jobs import Exchange, Jobs
from handlers.sandbox import Behaviour, Office, create_app
from handlers.sandbox.behaviours import AT_ONCE, TITLES
from handlers.scenario.cast import PLACES, STORYTELLER, VISITORS, Cast, known_to_platform
from handlers.scenario.evidence import evidence
from handlers.scenario.papers import hand_in
from handlers.scenario.roster_trip import send_roster
from handlers.scenario.story import Advance, SignIn, Step, Story, Visit
from handlers.scenario.theatre import AGENCIES, PLATFORM, SECRET, WEB, InlineQueue, Theatre, Web
from handlers.scenario.verdict import Played, Stop, Verdict, instant
from handlers.scenario.visit import Arrival, Seen, fill

#: More jobs than this after one step is a loop.
MAX_JOBS = 2_000


def play(theatre: Theatre, story: Story) -> Played:
    """Play one story from its first day to its end; nothing of it remains."""
    with theatre.scene(), TemporaryDirectory() as folder:
        return Performance(theatre, story, Path(folder)).play()


class Performance:
    """Everyone and everything one story needs: people, agencies, a clock."""

    def __init__(self, theatre: Theatre, story: Story, folder: Path) -> None:
        self.theatre, self.story = theatre, story
        self.pack, self.calendar = theatre.pack, theatre.calendar
        self.played = Played(story.title, clauses=story.clauses)
        self.clock = SettableClock(instant(story.today))
        self.queue = InlineQueue()
        self.runtime = theatre.runtime(self.clock, self.queue, story.parameters, story.practice)
        sandbox = create_app(
            folder,
            SECRET,
            clock=self.clock.now,
            delay_seconds=0,
            hold_seconds=0,
            transport=Web(self.runtime),
            courier=False,
            address=PLATFORM,
            web="http://localhost",
            register=lambda: known_to_platform(story),
        )
        self.sandbox = sandbox
        self.office: Office = sandbox.extensions["office"]
        self.courier = sandbox.extensions["courier"]
        wire = httpx.WSGITransport(sandbox)
        exchange = Exchange(SECRET, lambda url, key: ApiAdapter(url, key, transport=wire))
        self.jobs = Jobs(self.runtime, exchange, WEB)
        self.verdict = Verdict(self.runtime, story.process)
        with self.runtime.transaction() as session:
            activate(session, self.pack.config.code, theatre.release, self.clock.now())
            seed_agencies(session, self.pack.config, AGENCIES)
            self._choose_modes(session)
            seed_offices(session, self.pack.config)
        self.cast = Cast(self.runtime, self.pack.config, story)

    def _choose_modes(self, session: Session) -> None:
        for agency, mode in self.story.agency_mode.items():
            setting = session.get(AgencySetting, (self.pack.config.code, agency))
            if setting is None:
                raise Invalid(f"agency_mode：本地区没有部门“{agency}”。")
            setting.mode = mode

    # ------------------------------------------------------------ the play

    def play(self) -> Played:
        """Play every step; a step that cannot be played ends the story."""
        try:
            self._know(self.story.clauses)
            self._start()
            for number, step in enumerate(self.story.steps, 1):
                with self._at(f"第 {number} 步"):
                    self._step(step)
            with self._at("结尾"):
                self.verdict.end(self.story.end)
        except EngineError as error:
            self.played.failures.append(_with_fields(error))
        except Stop as stop:
            if str(stop):
                self.played.failures.append(str(stop))
        self.played.evidence = evidence(self.runtime, self.pack)
        self.played.failures += audit(self.runtime)
        return self.played

    def _start(self) -> None:
        start, person = self.story.start, self.story.person
        answers = start.answers
        if answers is None:
            answers = {"name": person.name, "id_no": person.id_no}
        self._await_their_time(self.story.process if start.by == "nobody" else "")
        if start.by == "nobody":
            return
        region = self.pack.config.code
        actor = self.cast.visitor(start.by)
        assert actor is not None
        try:
            with within(scope_of(actor)):
                answers = hand_in(
                    answers, lambda name, raw: store_attachment(self.runtime, name, raw, actor)
                )
                start_case(
                    *(self.runtime, region, self.story.process, answers, actor),
                    channel_code=start.channel,
                )
        except EngineError as error:
            if start.refused and start.refused in _with_fields(error):
                raise Stop from error  # as told: this story is at its end
            raise
        if start.refused:
            raise Stop("应被拒绝的申请却被受理了。")
        self._run_jobs()

    def _await_their_time(self, own: str) -> None:
        """Set the timers of those processes that begin by one in this story; others stay still."""
        refs = [f"{self.pack.config.code}/{process}" for process in (own, *self.story.beside)]
        with self.runtime.transaction() as session:
            release = self.runtime.releases.get(session, self.theatre.release)
            schedule_starts(self.runtime, session, release)
            session.execute(delete(Timer).where(Timer.kind == START, Timer.ref.not_in(refs)))
        self._run_jobs()

    def _step(self, step: Step) -> None:
        if step.agency:
            self._instruct(step)
        elif step.submit:
            self._submit(step)
        elif step.exchange:
            send_roster(self.runtime, self.pack.config, step.exchange, self.cast)
        elif step.feedback:
            self._feedback(step)
        elif step.advance:
            self._advance(step.advance)
        elif step.message:
            self._message(step)
        elif step.file:
            with self.runtime.transaction() as session:
                record_sections(self.runtime, session, self.cast.file, step.file, STORYTELLER)
        self._run_jobs()
        if step.expect:
            self.verdict.expect(step.expect)
        if step.visit:
            self._visit(step.visit)
            self._run_jobs()
        if step.sign_in:
            self._sign_in(step.sign_in)

    def _know(self, clauses: set[str]) -> None:
        unknown = sorted(clauses - self.pack.clauses.keys())
        self.verdict.hold(not unknown, f"clauses.csv 中没有这些条款：{'、'.join(unknown)}")

    # ------------------------------------------------------------ what people and agencies do

    def _visit(self, visit: Visit) -> None:
        hold = self.verdict.hold
        hold(self.cast.knows(visit.who), f"没有这个人“{visit.who}”。可写角色或 {VISITORS}")
        tasks = self.verdict.all(WorkItem, WorkItem.state == "open")
        names = {"no": self.verdict.one(Case, Case.process == self.story.process).no}
        names |= {task.element: str(task.id) for task in tasks}
        names |= self._newest()
        path = fill(visit.path, names)
        if path is None or self.theatre.visitor is None:
            raise Stop(f"不能打开 {visit.path}，花括号中可写 {sorted(names)}。")
        came_to = None if visit.direct else self.pack.config.code
        actor = self.cast.visitor(visit.who)
        seen = self.theatre.visitor(self.runtime, actor, path, visit.post, came_to)
        self._look(path, seen, visit)

    def _sign_in(self, asked: SignIn) -> None:
        """Come in through the identity platform, over the real pages of both sides."""
        if self.theatre.visitor is None:
            raise Stop("不能打开网页。")
        arrival = Arrival(
            region=self.pack.config.code,
            who=PLACES[asked.who],
            uscc=self.story.person.account_uscc if asked.by == "password" else "",
            channel=asked.portal or "",
            process=self.story.process,
        )
        seen = self.theatre.visitor.arrive(self.runtime, self.sandbox, arrival)
        self._look("登录", seen, asked)

    def _look(self, path: str, seen: Seen, asked: Visit | SignIn) -> None:
        hold = self.verdict.hold
        hold(seen.status == asked.status, f"{path} 应答 {asked.status}，实为 {seen.status}")
        for text in asked.shows:
            hold(text in seen.text, f"{path} 应有“{text}”，实为：{seen.text[:600]}")
        for text in asked.hides:
            hold(text not in seen.text, f"{path} 不应有“{text}”")

    def _newest(self) -> dict[str, str]:
        """What an address may name besides the case and its tasks: the newest of each kind."""
        kinds = (("letter", Letter), ("export", Export), ("list", ExchangeList))
        found = {word: self.verdict.all(table) for word, table in kinds}
        return {word: str(max(row.id for row in rows)) for word, rows in found.items() if rows}

    def _submit(self, step: Step) -> None:
        # a call at its agency's desk is named by its operation
        named = WorkItem.form if "/" in (step.submit or "") else WorkItem.element
        task = self.verdict.one(WorkItem, named == step.submit, WorkItem.state == "open")
        by = task.role if step.by == "applicant" else step.by
        actor = self.cast.colleague() if step.colleague else self.cast.worker(by)
        try:
            with within(scope_of(actor)):
                answers = hand_in(
                    step.answers,
                    lambda name, raw: store_attachment(self.runtime, name, raw, actor, task.id),
                )
                submit_form(self.runtime, task.id, task.revision, answers, actor)
        except Invalid as error:
            if step.invalid is None:
                raise
            for name, part in step.invalid.items():
                self.verdict.hold(
                    part in error.errors.get(name, ""),
                    f"“{name}”应提示“{part}”，实为：{error.errors}",
                )
        else:
            self.verdict.hold(step.invalid is None, "应被拒绝的填写却提交成功了")

    def _instruct(self, step: Step) -> None:
        assert step.agency is not None
        agency = step.agency.split("/")[0]
        if step.reply in ("outage", "back"):
            self.office.instructions.switch_outage(agency, step.reply == "outage")
            return
        self.office.instructions.add(
            _behaviour(step, step.agency), operation=step.agency, times=step.times
        )

    def _feedback(self, step: Step) -> None:
        call = self.verdict.one(ServiceCall, ServiceCall.operation == step.feedback)
        assert step.feedback is not None
        if step.reply == "again":
            self.office.send_again(str(call.id))
        else:
            self.office.answer(str(call.id), _behaviour(step, step.feedback))

    def _message(self, step: Step) -> None:
        assert step.message is not None
        key = str(self.cast.file.id)
        if step.message == "withdraw":
            key = str(self.verdict.one(Case, Case.process == self.story.process).id)
        deliver_message(self.runtime, step.message, key, step.message_id or str(new_id()))

    def _advance(self, advance: Advance) -> None:
        """Let time go by, stopping at every timer on the way."""
        target = self._target(advance)
        while (due := self._next_timer(target)) is not None:
            self.clock.set(max(due, self.clock.now()))
            self._run_jobs()
        self.clock.set(target)
        self._run_jobs()

    def _target(self, advance: Advance) -> datetime:
        if advance.to is not None:
            return instant(advance.to)
        now = self.clock.now()
        target = now + timedelta(days=advance.days, hours=advance.hours)
        if advance.working_days:
            day, _ = self.calendar.add_working_days(office_date(target), advance.working_days)
            target = at(day, now.astimezone(CHINA).hour, now.astimezone(CHINA).minute)
        if advance.months:
            target = target.astimezone(CHINA) + relativedelta(months=advance.months)
        return target

    def _next_timer(self, target: datetime) -> datetime | None:
        with self.runtime.reading() as session:
            return session.scalar(
                select(Timer.due_at)
                .where(Timer.fired_at.is_(None), Timer.due_at <= target)
                .order_by(Timer.due_at)
                .limit(1)
            )

    def _run_jobs(self) -> None:
        for _ in range(MAX_JOBS):
            if self.queue.jobs:
                self.jobs.run(*self.queue.jobs.popleft())
            elif self._next_timer(self.clock.now()) is not None:
                sweep(self.runtime)
            elif not self.courier.carry():
                return
        raise Stop("后台任务没有尽头，流程可能在空转。")

    @contextmanager
    def _at(self, place: str) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            raise Stop(f"{place}：{_with_fields(error)}") from error
        except Stop as stop:
            raise Stop(f"{place}：{stop}") from stop


def _behaviour(step: Step, operation: str) -> Behaviour:
    """What the story lets an agency say, as the sandbox understands it."""
    if isinstance(step.reply, str):
        kind = "fail" if step.reply == "unavailable" else step.reply
        if kind not in TITLES:
            raise Stop(f"不认识的部门行为“{step.reply}”，可用：unavailable、{'、'.join(TITLES)}")
        return Behaviour(cast(Any, kind))
    reply = step.reply or {}
    return Behaviour(
        "reply" if operation in AT_ONCE or step.feedback else "accept",
        reason_code=reply.get("reason_code"),
        business=reply.get("business", {}),
        status=reply.get("status", "SUCCESS"),
        reason_text=reply.get("reason_text", ""),
    )


def _with_fields(error: EngineError) -> str:
    fields = getattr(error, "errors", None)
    return f"{error.message} {fields}" if fields else error.message
