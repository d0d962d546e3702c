"""Playing a scenario: a whole case of months, in a second, on the real parts.

The engine, its tables, the worker's jobs, the signed wire and the agencies' sandbox are the real
ones. Only three things differ from a live installation: the clock stands still until the story
moves it, jobs run at once in this thread, and everything is rolled back at the end.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, cast
from uuid import UUID

import httpx
from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from engine.access import Actor
from engine.accounts import actor_of
from engine.calendar import WorkCalendar
from engine.clock import CHINA, SettableClock, at, office_date
from engine.commands.deliver_message import deliver_message
from engine.commands.start_case import start_case
from engine.commands.store_feedback import store_feedback
from engine.commands.submit_form import submit_form
from engine.commands.sweep import sweep
from engine.errors import EngineError, Invalid
from engine.ids import new_id
from engine.jobs import JobQueue
from engine.models import (
    Account,
    Base,
    Case,
    Deadline,
    Incident,
    Item,
    Notice,
    RoleGrant,
    ServiceCall,
    Timer,
    Unit,
    WorkItem,
)
from engine.open_case import OpenCase
from engine.operations import operations
from engine.packs.pack import Pack
from engine.packs.release import ReleaseShelf, activate, publish, seed_agencies
from engine.people import find_file, record_sections, register_person
from engine.queries.audit import audit
from engine.runtime import Runtime
from engine.sealing import Keyring
from handlers.adapters.api import ApiAdapter
from handlers.jobs import Exchange, Jobs
from handlers.sandbox import Behaviour, Office, create_app
from handlers.sandbox.behaviours import AT_ONCE, TITLES
from handlers.scenario.story import Advance, End, Expect, Step, Story
from handlers.signature import agency_key, verify

SECRET = b"scenario" * 4
AGENCIES = "http://agencies.scenario"
WEB = "http://web.scenario"
#: More jobs than this after one step is a loop.
MAX_JOBS = 2_000


@dataclass
class Played:
    """How a story went: every expectation that did not hold, and every flow that was taken."""

    title: str
    failures: list[str] = field(default_factory=list)
    flows: set[tuple[str, str]] = field(default_factory=set)

    @property
    def passed(self) -> bool:
        """Whether everything was as the story says."""
        return not self.failures


class Theatre:
    """A migrated database with the region's pack published once; what is played leaves no trace."""

    def __init__(self, engine: Engine, pack: Pack, calendar: WorkCalendar) -> None:
        self._engine, self._pack, self._calendar = engine, pack, calendar
        self._shelf = ReleaseShelf()

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        self._transaction = self._connection.begin()
        try:
            with Session(self._connection, join_transaction_mode="create_savepoint") as session:
                self._release = publish(session, self._pack, operations, datetime.now(UTC))
                session.commit()
        except BaseException:  # a pack with mistakes: there is nothing to play
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._transaction.rollback()
        self._connection.close()

    def play(self, story: Story) -> Played:
        """Play one story from its first day to its end."""
        with TemporaryDirectory() as folder:
            scene = self._connection.begin_nested()
            try:
                return Stage(self, story, Path(folder)).play()
            finally:
                scene.rollback()

    def runtime(self, clock: SettableClock, queue: JobQueue) -> Runtime:
        """The runtime of one story."""
        return Runtime(
            sessions=sessionmaker(
                self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            ),
            clock=clock,
            keyring=Keyring(b"m" * 32, b"s" * 32),
            operations=operations,
            releases=self._shelf,
            calendars={self._pack.config.calendar: self._calendar},
            queue=queue,
        )

    @property
    def calendar(self) -> WorkCalendar:
        """The region's working days."""
        return self._calendar

    @property
    def pack(self) -> Pack:
        """The region pack on stage."""
        return self._pack

    @property
    def release(self) -> str:
        """The id of the published release."""
        return self._release


class _InlineQueue:
    """Jobs wait here until the command that deferred them has committed."""

    def __init__(self) -> None:
        self.jobs: deque[tuple[str, UUID]] = deque()

    def defer(self, session: Session, job: str, ids: Sequence[UUID]) -> None:
        """Keep the jobs; the stage runs them after the command."""
        self.jobs.extend((job, one) for one in ids)


class _Web(httpx.BaseTransport):
    """The end of the wire at which feedback arrives, as the web application's end point does."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Check the signature, store the feedback as it came, answer 202."""
        call_id = UUID(request.url.path.split("/")[-2])
        with self._runtime.reading() as session:
            agency = session.get_one(ServiceCall, call_id).agency
        body = request.read()
        verify(agency_key(SECRET, agency), "POST", request.url.path, body, request.headers)
        store_feedback(self._runtime, call_id, body, "callback")
        return httpx.Response(202)


class Stage:
    """Everything a story is played on."""

    def __init__(self, theatre: Theatre, story: Story, folder: Path) -> None:
        self.theatre, self.story = theatre, story
        self.pack, self.calendar = theatre.pack, theatre.calendar
        self.played = Played(story.title)
        self.clock = SettableClock(_instant(story.today))
        self.queue = _InlineQueue()
        self.runtime = theatre.runtime(self.clock, self.queue)
        sandbox = create_app(
            folder,
            SECRET,
            clock=self.clock.now,
            delay_seconds=0,
            hold_seconds=0,
            transport=_Web(self.runtime),
            courier=False,
        )
        self.office: Office = sandbox.extensions["office"]
        self.courier = sandbox.extensions["courier"]
        wire = httpx.WSGITransport(sandbox)
        exchange = Exchange(SECRET, lambda url, key: ApiAdapter(url, key, transport=wire))
        self.jobs = Jobs(self.runtime, exchange, WEB)
        self.actors = self._cast()

    # ------------------------------------------------------------ the play

    def play(self) -> Played:
        """Play every step; a step that cannot be played ends the story."""
        try:
            self._start()
            for number, step in enumerate(self.story.steps, 1):
                with self._at(f"第 {number} 步"):
                    self._step(step)
            with self._at("结尾"):
                self._end(self.story.end)
        except EngineError as error:
            self.played.failures.append(_with_fields(error))
        except _Stop as stop:
            if str(stop):
                self.played.failures.append(str(stop))
        self.played.flows = self._flows()
        self.played.failures += audit(self.runtime)
        return self.played

    def _cast(self) -> dict[str, Actor]:
        person, config = self.story.person, self.pack.config
        with self.runtime.transaction() as session:
            activate(session, config.code, self.theatre.release, self.clock.now())
            seed_agencies(session, config, AGENCIES)
            unit = Unit(id=new_id(), name=person.unit, uscc=person.uscc)
            session.add(unit)
            session.flush()
            file, retiree = register_person(self.runtime, session, config.code, person.model_dump())
            record_sections(self.runtime, session, file, self.story.file, "场景")
            roles = sorted({lane.role for lane in config.lanes.values()} | {"admin"})
            accounts = {
                "unit": Account(login="unit", name="单位经办人", kind="unit", unit_id=unit.id),
                "person": Account(
                    login="person", name=person.name, kind="person", person_id=retiree.id
                ),
                "staff": Account(login="staff", name="经办人员", kind="staff"),
            }
            for account in accounts.values():
                account.id, account.password_hash, account.active = new_id(), "!", True
                account.office = ""
                session.add(account)
            session.flush()
            session.add_all(
                RoleGrant(account_id=accounts["staff"].id, role=role, region=config.code)
                for role in roles
            )
            session.flush()
            return {
                kind: cast(Actor, actor_of(session, account.id))
                for kind, account in accounts.items()
            }

    def _start(self) -> None:
        start, person = self.story.start, self.story.person
        answers = start.answers
        if answers is None:
            answers = {"name": person.name, "id_no": person.id_no}
        region = self.pack.config.code
        actor = self.actors[start.by]
        try:
            start_case(self.runtime, region, self.story.process, answers, actor)
        except EngineError as error:
            if start.refused and start.refused in _with_fields(error):
                raise _Stop from error  # as told: this story is at its end
            raise
        if start.refused:
            raise _Stop("应被拒绝的申请却被受理了。")
        self._run_jobs()

    def _step(self, step: Step) -> None:
        if step.agency:
            self._instruct(step)
        elif step.submit:
            self._submit(step)
        elif step.feedback:
            self._feedback(step)
        elif step.advance:
            self._advance(step.advance)
        elif step.message:
            self._message(step)
        elif step.file:
            with self.runtime.transaction() as session:
                found = find_file(
                    self.runtime, session, self.pack.config.code, self.story.person.id_no
                )
                assert found is not None
                record_sections(self.runtime, session, found[0], step.file, "场景")
        self._run_jobs()
        if step.expect:
            self._expect(step.expect)

    # ------------------------------------------------------------ what people and agencies do

    def _submit(self, step: Step) -> None:
        task = self._one(WorkItem, WorkItem.element == step.submit, WorkItem.state == "open")
        by = task.role if step.by == "applicant" else step.by
        actor = self.actors.get(by, self.actors["staff"])
        try:
            submit_form(self.runtime, task.id, task.revision, step.answers, actor)
        except Invalid as error:
            if step.invalid is None:
                raise
            for name, part in step.invalid.items():
                self._hold(
                    part in error.errors.get(name, ""),
                    f"“{name}”应提示“{part}”，实为：{error.errors}",
                )
        else:
            self._hold(step.invalid is None, "应被拒绝的填写却提交成功了")

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
        call = self._one(ServiceCall, ServiceCall.operation == step.feedback)
        assert step.feedback is not None
        if step.reply == "again":
            self.office.send_again(str(call.id))
        else:
            self.office.answer(str(call.id), _behaviour(step, step.feedback))

    def _message(self, step: Step) -> None:
        assert step.message is not None
        case = self._one(Case, Case.process == self.story.process)
        key = str(case.id if step.message == "withdraw" else case.file_id)
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
            return _instant(advance.to)
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
        raise _Stop("后台任务没有尽头，流程可能在空转。")

    # ------------------------------------------------------------ what must be true

    def _expect(self, expect: Expect) -> None:
        if expect.tasks is not None:
            found = [t.element for t in self._all(WorkItem, WorkItem.state == "open")]
            self._same("待办", expect.tasks, found)
        if expect.calls is not None:
            live = self._all(ServiceCall, ServiceCall.finished_at.is_(None))
            self._same("未完成的服务请求", expect.calls, [c.operation for c in live])
        if expect.items is not None:
            self._items(expect.items)
        for code, due in (expect.deadlines or {}).items():
            clocks = [d.due_at for d in self._all(Deadline, Deadline.code == code)]
            self._hold(_instant(due) in clocks, f"时限 {code} 应为 {due}，实为 {_words(clocks)}")
        for element, due in (expect.timers or {}).items():
            waits = self._timer_waits()
            found_at = _words([waits[element]]) if element in waits else "没有"
            self._hold(
                waits.get(element) == _instant(due),
                f"定时 {element} 应为 {due}，实为 {found_at}",
            )
        if expect.notices is not None:
            self._notices(expect.notices)
        if expect.incidents is not None:
            found_open = len(self._all(Incident, Incident.closed_at.is_(None)))
            self._hold(
                found_open == expect.incidents,
                f"异常应有 {expect.incidents} 个，实有 {found_open} 个",
            )
        if expect.status is not None:
            case = self._one(Case, Case.process == self.story.process)
            self._hold(case.status == expect.status, f"办件状态实为 {case.status}")

    def _end(self, end: End) -> None:
        case = self._one(Case, Case.process == self.story.process)
        self._hold(case.outcome == end.outcome, f"结局应为 {end.outcome}，实为 {case.outcome}")
        self._items(end.items)
        if end.notices is not None:
            self._notices(end.notices)

    def _items(self, expected: Mapping[str, str]) -> None:
        """Items the story names must be in these states; others may be in any."""
        states = {item.code: item.state for item in self._all(Item)}
        self._hold(expected.items() <= states.items(), f"事项应为 {expected}，实为 {states}")

    def _notices(self, expected: Sequence[str]) -> None:
        sent = {notice.template for notice in self._all(Notice)}
        missing = sorted(set(expected) - sent)
        self._hold(not missing, f"通知缺少 {missing}，已发 {sorted(sent)}")

    def _timer_waits(self) -> Mapping[str, datetime]:
        waits: dict[str, datetime] = {}
        for case in self._all(Case, Case.status == "running"):
            with self.runtime.transaction() as session:
                opened = OpenCase.lock(self.runtime, session, case.id)
                waits |= {
                    wait.element: wait.due_at for wait in opened.instance.waits() if wait.due_at
                }
        return waits

    def _flows(self) -> set[tuple[str, str]]:
        flows: set[tuple[str, str]] = set()
        for case in self._all(Case):
            with self.runtime.transaction() as session:
                flows |= OpenCase.lock(self.runtime, session, case.id).instance.passed()
        return flows

    def _same(self, what: str, expected: Sequence[str], found: Sequence[str]) -> None:
        self._hold(
            sorted(expected) == sorted(found),
            f"{what}应为 {sorted(expected)}，实为 {sorted(found)}",
        )

    def _hold(self, truth: bool, otherwise: str) -> None:
        if not truth:
            raise _Stop(otherwise)

    def _one(self, table: type[Base], *conditions: Any) -> Any:
        found = self._all(table, *conditions)
        if not found:
            raise _Stop(f"现在没有这一步所指的{_WHAT[table]}。")
        return found[-1]

    def _all(self, table: type[Base], *conditions: Any) -> list[Any]:
        with self.runtime.reading() as session:
            order = cast(Any, table).__table__.primary_key.columns
            return list(session.scalars(select(table).where(*conditions).order_by(*order)))

    @contextmanager
    def _at(self, place: str) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            raise _Stop(f"{place}：{_with_fields(error)}") from error
        except _Stop as stop:
            raise _Stop(f"{place}：{stop}") from stop


class _Stop(Exception):
    """The story ends here: an expectation did not hold."""


_WHAT: dict[type[Base], str] = {WorkItem: "待办", ServiceCall: "服务请求", Case: "办件"}


def _behaviour(step: Step, operation: str) -> Behaviour:
    """What the story lets an agency say, as the sandbox understands it."""
    if isinstance(step.reply, str):
        kind = "fail" if step.reply == "unavailable" else step.reply
        if kind not in TITLES:
            raise _Stop(f"不认识的部门行为“{step.reply}”，可用：unavailable、{'、'.join(TITLES)}")
        return Behaviour(cast(Any, kind))
    reply = step.reply or {}
    return Behaviour(
        "reply" if operation in AT_ONCE or step.feedback else "accept",
        reason_code=reply.get("reason_code"),
        business=reply.get("business", {}),
        status=reply.get("status", "SUCCESS"),
        reason_text=reply.get("reason_text", ""),
    )


def _instant(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _words(moments: Sequence[datetime]) -> list[str]:
    return [moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") for moment in moments]


def _with_fields(error: EngineError) -> str:
    fields = getattr(error, "errors", None)
    return f"{error.message} {fields}" if fields else error.message
