"""A case opened for one command: locked, loaded, advanced, and written once.

Lock order, always: the case's rows first (``case_``, ``case_state`` and the row the command is
about, in that order and in one statement), then whatever hangs on it. Nothing here talks to the
outside world.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import jobs, promises
from engine.access import SYSTEM, Actor
from engine.calendar import WorkCalendar
from engine.case_data import CaseData
from engine.changes import Changes
from engine.errors import Conflict, EngineError, NotFound
from engine.functions import case_functions
from engine.history import next_event
from engine.ids import new_id
from engine.item_states import FINAL
from engine.models import (
    Base,
    Case,
    CaseState,
    DataKey,
    Deadline,
    Incident,
    Item,
    MessageInbox,
    Notice,
    ServiceCall,
    Subscription,
    Timer,
    WorkItem,
)
from engine.notices import render_notice
from engine.packs.region import RegionConfig
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime
from engine.sealing import SealingKey
from engine.spiff.process import SERIALIZER, ProcessInstance
from engine.spiff.step import Step, Visit, Wait


class OpenCase:
    """One case, held by one command."""

    def __init__(
        self,
        runtime: Runtime,
        session: Session,
        case: Case,
        state: CaseState,
        key: SealingKey,
        data: CaseData,
        actor: Actor,
    ) -> None:
        self.runtime, self.session, self.actor = runtime, session, actor
        self.case, self.state, self.key, self.data = case, state, key, data
        self.now: datetime = runtime.clock.now()
        self.release: LoadedRelease = runtime.releases.get(session, case.release_id)
        self.changes = Changes()
        self._calls: list[UUID] = []
        self._cancelled: list[UUID] = []
        self._messages: list[UUID] = []
        self._instance: ProcessInstance | None = None

    # ------------------------------------------------------------ opening

    @classmethod
    def lock(
        cls, runtime: Runtime, session: Session, case_id: UUID, actor: Actor = SYSTEM
    ) -> "OpenCase":
        """Lock and load a case by its id; raise ``NotFound`` when there is none."""
        return cls._load(runtime, session, actor, None, Case.id == case_id)[0]

    @classmethod
    def lock_with_task(
        cls, runtime: Runtime, session: Session, work_item_id: UUID, actor: Actor
    ) -> tuple["OpenCase", WorkItem]:
        """Lock and load the case a work item belongs to, and the work item."""
        case, row = cls._load(runtime, session, actor, WorkItem, WorkItem.id == work_item_id)
        return case, row

    @classmethod
    def lock_with_call(
        cls, runtime: Runtime, session: Session, call_id: UUID
    ) -> tuple["OpenCase", ServiceCall]:
        """Lock and load the case a service call belongs to, and the call."""
        return cls._load(runtime, session, SYSTEM, ServiceCall, ServiceCall.id == call_id)

    @classmethod
    def _load(
        cls, runtime: Runtime, session: Session, actor: Actor, about: Any, condition: Any
    ) -> tuple["OpenCase", Any]:
        # all three are locked: a waiter that only locked case_ would read the others as they
        # were before its predecessor's commit
        query = (
            select(Case, CaseState, DataKey.wrapped, *([about] if about else []))
            .join(CaseState, CaseState.case_id == Case.id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(condition)
            .with_for_update(of=[Case, CaseState, *([about] if about else [])])
        )
        if about is not None:
            query = query.join(about, about.case_id == Case.id)
        row = session.execute(query).one_or_none()
        if row is None:
            raise NotFound
        case, state, wrapped = row[0], row[1], row[2]
        key = runtime.keyring.unwrap(wrapped)
        data = CaseData.load(session, case.id, case.file_id, key)
        opened = cls(runtime, session, case, state, key, data, actor)
        return opened, (row[3] if about else None)

    @property
    def config(self) -> RegionConfig:
        """The region's configuration the case began with."""
        return self.release.config

    @property
    def instance(self) -> ProcessInstance:
        """The running process, loaded when first asked for."""
        if self._instance is None:
            definition = self.release.definition(self.session, self.case.process)
            self._instance = ProcessInstance.load(
                definition, bytes(self.state.content), self.data, self.functions
            )
        return self._instance

    @property
    def calendar(self) -> WorkCalendar:
        """The working days of the case's region."""
        return self.runtime.calendars[self.config.calendar]

    @property
    def functions(self) -> Mapping[str, Any]:
        """The functions expressions may call, at this command's instant."""
        return case_functions(self.config, self.calendar, self.now, self.data)

    def begin(self, instance: ProcessInstance) -> None:
        """Take over a process that was just started."""
        self._instance = instance

    def require_running(self) -> None:
        """Raise ``Conflict`` when the case is closed."""
        if self.case.status != "running":
            raise Conflict(f"办件 {self.case.no} 已办结，不能再办理。")

    # ------------------------------------------------------------ changing

    def note(
        self,
        kind: str,
        title: str,
        *,
        element: str | None = None,
        item: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a line to the case's history."""
        self.changes.add(
            next_event(
                self.case,
                self.key,
                at=self.now,
                kind=kind,
                actor=self.actor.name,
                title=title,
                element=element,
                item=item,
                detail=detail,
            )
        )

    def write_section(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a section of case data as a new version."""
        rule = self.config.sections.get(name)
        of_file = rule is not None and rule.scope == "file"
        row: Base = self.data.write(
            name, content, author=self.actor.name, at=self.now, of_file=of_file
        )
        self.changes.add(row)

    def apply(self, step: Step) -> None:
        """Turn what the process engine did into rows."""
        for visit in step.visits:
            self._visited(visit)
        for closed in step.closed:
            self.changes.end(closed.wait.token, dropped=closed.cancelled)
            if closed.cancelled and closed.wait.kind in ("user", "call"):
                self.note("cancelled", f"已取消：{closed.wait.name}", element=closed.wait.element)
        for wait in step.opened:
            self._opened(wait)
        if step.finished:
            self._finished(step.outcome)

    def set_item(
        self, code: str, state: str, *, reason: str | None = None, met_at: datetime | None = None
    ) -> None:
        """Give a joint item a new state."""
        kind = self.config.items[code]
        self.changes.add(
            Item(
                case_id=self.case.id,
                code=code,
                title=kind.title,
                agency=kind.agency,
                state=state,
                round=1,
                condition_met_at=met_at,
                finished_at=self.now if state in FINAL else None,
                reason=reason[:400] if reason else None,
                changed_at=self.now,
            )
        )

    def give_reason(self, code: str, reason: str) -> None:
        """Say why an item is where it is, unless the same step already did."""
        self.changes.give_reason(code, reason)

    def notify(self, template: str, audience: str) -> None:
        """Write a notice; ``applicant`` is the unit or the person who applied."""
        if audience == "applicant":
            audience = self.case.applicant
        if audience == "unit" and self.case.unit_id is None:
            return
        text = render_notice(self.release, template, {**self.data, **self.functions})
        self.changes.add(
            Notice(
                case_id=self.case.id,
                template=template,
                audience=audience,
                title=text.title[:120],
                body_sealed=self.key.seal_text(text.body),
                channel="inbox",
                state="sent",
                created_at=self.now,
                sent_at=self.now,
            )
        )
        self.note("notice", f"已通知{AUDIENCE[audience]}：{text.title}")

    def incident(self, kind: str, ref: str, title: str, message: str) -> None:
        """Record work that automation gave up on; a person has to look at it."""
        self.changes.add(
            Incident(
                case_id=self.case.id,
                kind=kind,
                ref=ref,
                title=title[:120],
                message=message[:400],
                opened_at=self.now,
            )
        )
        self.note("incident", f"转人工处理：{title}", detail={"message": message})

    def schedule(self, kind: str, ref: str, due_at: datetime, detail: str | None = None) -> None:
        """Have something happen later; it is dropped when the wait named ``ref`` ends."""
        self.changes.add(
            Timer(kind=kind, case_id=self.case.id, ref=ref, detail=detail, due_at=due_at)
        )

    def try_call(self, call_id: UUID) -> None:
        """Have a worker try a service call once this command is committed."""
        self._calls.append(call_id)

    def tell_cancelled(self, call_id: UUID) -> None:
        """Have a worker tell the agency that a call is no longer wanted, likewise."""
        self._cancelled.append(call_id)

    def save(self, *, submit_key: str | None = None) -> None:
        """Write everything, once. The surrounding transaction commits it."""
        if self._instance is not None:
            self.state.content = self._instance.dump()
            self.state.serializer = SERIALIZER
        self.case.revision += 1
        self.session.flush()
        self._cancelled += self.changes.write(
            self.session,
            case_id=self.case.id,
            now=self.now,
            account=self.actor.account_id,
            submit_key=submit_key,
        )
        if self.case.status == "closed":
            self._end_items()
        queue = self.runtime.queue
        queue.defer(self.session, jobs.ATTEMPT_CALL, self._calls)
        queue.defer(self.session, jobs.DELIVER_WAITING, self._messages)
        queue.defer(self.session, jobs.CANCEL_CALL, self._cancelled)

    # ------------------------------------------------------------ one visit, one wait

    def _visited(self, visit: Visit) -> None:
        properties = visit.properties
        if visit.kind == "sendTask" and "notice" in properties:
            for audience in dict.fromkeys(properties.get("to", "applicant").split()):
                self.notify(properties["notice"], audience)
        if visit.message:
            self._send_message(visit.message)
        if "selects_items" in properties:
            self._select_items()
        if "item_state" in properties and visit.item:
            self.set_item(visit.item, properties["item_state"])

    def _send_message(self, message: str) -> None:
        """A message thrown by the diagram goes to the inbox; a job brings it to its receiver."""
        sent = MessageInbox(
            id=new_id(),
            message_id=f"{self.case.no}/{message}/{self.case.event_count}",
            message=message,
            business_key=self.business_key,
            received_at=self.now,
            expires_at=self.now + KEEP_MESSAGE,
            state="waiting",
        )
        self.changes.add(sent)
        self._messages.append(sent.id)

    def _select_items(self) -> None:
        for code, kind in self.config.items.items():
            chosen = kind.when and self.instance.evaluate(kind.when)
            self.set_item(code, "awaiting_approval" if chosen else "not_selected")

    def _opened(self, wait: Wait) -> None:
        promise = promises.start(self, wait)
        opener = {
            "user": self._open_task,
            "call": self._open_call,
            "timer": self._open_timer,
            "message": self._open_subscription,
        }[wait.kind]
        opener(wait, promise)
        if "item_state" in wait.properties and wait.item:
            self.set_item(wait.item, wait.properties["item_state"])

    def role_of(self, wait: Wait) -> str | None:
        """The role whose work a wait is, by its lane; the applicant is a unit or a person."""
        lane = self.config.lanes.get(wait.lane or "")
        if lane is None:
            return None
        return self.case.applicant if lane.role == "applicant" else lane.role

    def _open_task(self, wait: Wait, promise: Deadline | None) -> None:
        lane = self.config.lanes[wait.lane or ""]
        self.changes.add(
            WorkItem(
                case_id=self.case.id,
                token=wait.token,
                kind="user",
                region=self.case.region,
                role=self.role_of(wait),
                agency=lane.agency,
                process=wait.process,
                element=wait.element,
                title=wait.name,
                form=wait.properties["formJsonSchemaFilename"].removesuffix(".schema.json"),
                section=section_name(wait.properties["section"], wait.item),
                item=wait.item,
                case_no=self.case.no,
                subject=self.case.subject,
                unit_id=self.case.unit_id,
                file_id=self.case.file_id,
                state="open",
                opened_at=self.now,
                due_at=promise.shown_at if promise else None,
                provisional=promise.provisional if promise else False,
                revision=0,
            )
        )

    def _open_call(self, wait: Wait, promise: Deadline | None) -> None:
        assert wait.operation is not None
        operation = self.runtime.operations.get(wait.operation)
        patience = wait.properties.get("patience")
        call = ServiceCall(
            id=new_id(),
            case_id=self.case.id,
            token=wait.token,
            region=self.case.region,
            operation=operation.code,
            agency=operation.agency,
            element=wait.element,
            process=wait.process,
            title=wait.name,
            item=wait.item,
            section=section_name(wait.properties.get("section"), wait.item),
            state="queued",
            attempts=0,
            request_sealed=self.key.seal_json(dict(wait.parameters)),
            patience=int(patience) if patience else None,
            created_at=self.now,
            changed_at=self.now,
            due_at=promise.shown_at if promise else None,
        )
        self.changes.add(call)
        self.try_call(call.id)
        self.note("call", f"已向{self._agency(operation.agency)}发出：{wait.name}", item=wait.item)

    def _open_timer(self, wait: Wait, _promise: Deadline | None) -> None:
        assert wait.due_at is not None
        self.schedule("bpmn", str(wait.token), wait.due_at)

    def _open_subscription(self, wait: Wait, _promise: Deadline | None) -> None:
        assert wait.message is not None
        key = str(self.case.id) if wait.message in OF_THE_CASE else self.business_key
        self.changes.add(
            Subscription(
                token=wait.token,
                case_id=self.case.id,
                message=wait.message,
                business_key=key,
                element=wait.element,
                created_at=self.now,
            )
        )
        early = self.session.scalar(
            select(MessageInbox.id).where(
                MessageInbox.message == wait.message,
                MessageInbox.business_key == key,
                MessageInbox.state == "waiting",
            )
        )
        if early is not None:
            self.runtime.queue.defer(self.session, jobs.DELIVER_WAITING, [early])

    @property
    def business_key(self) -> str:
        """The key messages find this case by: its person file, or itself when it has none."""
        return str(self.case.file_id or self.case.id)

    def _agency(self, code: str) -> str:
        agency = self.config.agencies.get(code)
        return agency.title if agency else code

    def _end_items(self) -> None:
        """A closed case has no open items: what was not finished ended with it."""
        self.session.execute(
            update(Item)
            .where(Item.case_id == self.case.id, Item.finished_at.is_(None))
            .values(state="ended", finished_at=self.now, changed_at=self.now)
        )

    def _finished(self, outcome: Visit | None) -> None:
        if outcome is None:
            raise EngineError("流程结束但没有到达结束事件。")
        self.case.status = "closed"
        self.case.outcome = outcome.element
        self.case.outcome_title = outcome.name
        self.case.closed_at = self.now
        self.note("closed", f"办件结束：{outcome.name}", element=outcome.element)


def section_name(name: str | None, item: str | None) -> str | None:
    """The section a ``section`` property means; ``this.x`` is ``<item>.x`` inside an item."""
    return f"{item}.{name.removeprefix('this.')}" if name and name.startswith("this.") else name


#: A message nobody waits for yet is kept this long.
KEEP_MESSAGE = timedelta(days=400)

#: Messages about one case, found by its id; all others are about a person, found by the file.
OF_THE_CASE = frozenset({"withdraw"})

AUDIENCE = {"person": "本人", "unit": "单位", "clerk": "经办人"}
