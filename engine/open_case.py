"""A case opened for one command: locked, loaded, advanced, and written once.

Lock order, always: the case's rows first (``case_``, ``case_state`` and the row the command is
about, in that order and in one statement), then whatever hangs on it. Nothing here talks to the
outside world.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import jobs, letters
from engine.access import OF_UNITS, SYSTEM, Actor
from engine.calendar import WorkCalendar
from engine.case_data import CaseData
from engine.changes import Changes
from engine.clock import office_date
from engine.contents import Contents, contents_of
from engine.errors import Conflict, NotFound
from engine.expressions import Known, reads
from engine.file_timers import schedule_file_timers
from engine.forms import declared
from engine.functions import case_functions
from engine.history import next_event
from engine.ids import new_id
from engine.item_states import FINAL
from engine.liaisons import Department
from engine.materials import SECTION, checklist
from engine.models import (
    Base,
    Case,
    CaseState,
    DataKey,
    Incident,
    Item,
    MessageInbox,
    Notice,
    Person,
    PersonFile,
    ServiceCall,
    Subscription,
    Timer,
    WorkItem,
)
from engine.notices import NoticeText, render_notice
from engine.packs.region import Lane, RegionConfig
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime
from engine.sealing import SealingKey
from engine.spiff.process import SERIALIZER, ProcessInstance


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
        data.know(SECTION, lambda: checklist(self.config, Known(data), self.functions))
        self.changes = Changes()
        self._calls: list[UUID] = []
        self._cancelled: list[UUID] = []
        self._messages: list[UUID] = []
        self._documents: dict[tuple[str, str | None], None] = {}
        self._file_changed = self._priority_changed = False
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
        cls, runtime: Runtime, session: Session, call_id: UUID, actor: Actor = SYSTEM
    ) -> tuple["OpenCase", ServiceCall]:
        """Lock and load the case a service call belongs to, and the call."""
        return cls._load(runtime, session, actor, ServiceCall, ServiceCall.id == call_id)

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
        tables = self.release.pack.tables
        return case_functions(self.config, self.calendar, self.now, self.data, tables)

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
        self._file_changed |= of_file
        first = self.config.priority
        self._priority_changed |= first is not None and name in _sections_of(first.when)

    def record(self, what: str) -> None:
        """Make what the case found out part of the person file (or of another section).

        Args:
            what: ``target = source source …``: of the sources, later ones last, the fields that
                the target declares in ``[sections]`` become its new version.
        """
        target, _, sources = what.partition("=")
        rule = self.config.sections[target.strip()]
        form = self.release.pack.form(rule.schema_file.removesuffix(".schema.json"))
        fields = declared(form.inlined)
        content: dict[str, Any] = {}
        for source in sources.split():
            known = self.data.get(source) or {}
            content |= {name: value for name, value in known.items() if name in fields}
        self.write_section(target.strip(), content)

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

    def office_of(self, lane: Lane) -> str | None:
        """The office a task in a lane belongs to; the case is seen there from now on."""
        office = self.instance.evaluate(lane.office) if lane.office else None
        if office and office not in self.case.offices:
            self.case.offices = [*self.case.offices, office]
        return office

    def stage_of(self, process: str, element: str) -> str | None:
        """The stage an element stands in, where the case goes through some."""
        rule = self.config.processes.get(self.case.process)
        staged = rule is not None and rule.stages
        return self.release.pack.stage_of(process, element) if staged else None

    @property
    def priority(self) -> int:
        """1 when the tasks of this case come first (NX-072), else 0."""
        rule = self.config.priority
        return int(bool(rule and self.instance.evaluate(rule.when)))

    def notify(self, template: str, audience: str) -> None:
        """Write a notice; ``applicant`` is whoever applied: unit, custodian or person."""
        if audience == "applicant":
            audience = self.case.applicant
        if audience in OF_UNITS and self.case.unit_id is None:
            return
        text = render_notice(self.release, template, self._notice_names())
        self._keep_notice(template, audience, text, channel="inbox", state="sent", call_id=None)
        self.note("notice", f"已通知{AUDIENCE[audience]}：{text.title}")

    def write_text(self, template: str, audience: str, call_id: UUID) -> Mapping[str, str]:
        """Write a notice that a service call is to deliver (a text message), not yet sent."""
        text = render_notice(self.release, template, self._notice_names())
        self._keep_notice(template, audience, text, channel="sms", state="queued", call_id=call_id)
        return {"text": text.body}

    def _notice_names(self) -> dict[str, Any]:
        """What a notice may say: case data, functions, the portal, what offices tell people."""
        today = office_date(self.now)
        contents = Contents(lambda: contents_of(self.session, self.config, today))
        return {
            **self.data,
            **self.functions,
            "portal": self.config.portal,
            "contents": contents,
        }

    def text_delivered(self, call_id: UUID, delivered: bool) -> None:
        """Say what became of the notice a service call was to deliver, if it was for one."""
        self.session.execute(
            update(Notice)
            .where(Notice.call_id == call_id, Notice.state == "queued")
            .values(state="sent" if delivered else "failed", sent_at=self.now)
        )

    def update_mobile(self, mobile: str | None) -> None:
        """Give the person another telephone number, here and for every case to come (ZY-040)."""
        if not mobile or self.case.file_id is None:
            return
        person = self.session.scalars(
            select(Person)
            .join(PersonFile, PersonFile.person_id == Person.id)
            .where(PersonFile.id == self.case.file_id)
        ).one()
        person.mobile_sealed = self.key.seal_text(mobile)
        self._change_person("已更新联系电话", mobile=mobile)

    def update_office(self, office: str | None) -> None:
        """Have another office answer for the person, here and in every case to come (NX-010)."""
        if not office or self.case.file_id is None:
            return
        self.session.get_one(PersonFile, self.case.file_id).office = office
        self._change_person("已变更负责的经办机构", office=office)

    def _change_person(self, title: str, **facts: str) -> None:
        self.write_section("person", {**self.data["person"], **facts})
        detail = {"section": "person", "version": self.data.version("person")}
        self.note("person_changed", title, detail=detail)

    def tell_batch(self) -> None:
        """When this was the last open case a batch began, tell the batch, if it waits for that."""
        batch = self.case.parent_id
        if batch is None:
            return
        waits = select(Subscription.token).where(
            Subscription.message == MEMBERS_DONE, Subscription.business_key == str(batch)
        )
        if self.session.scalar(waits) is None:
            return
        # the batch's row first: of two that end at the same moment the second sees the first
        self.session.execute(select(Case.id).where(Case.id == batch).with_for_update())
        others = select(func.count()).where(
            Case.parent_id == batch, Case.status == "running", Case.id != self.case.id
        )
        if self.session.scalar(others) == 0:
            self._send(MEMBERS_DONE, str(batch), f"{batch}/{MEMBERS_DONE}")

    def _keep_notice(
        self,
        template: str,
        audience: str,
        text: NoticeText,
        *,
        channel: str,
        state: str,
        call_id: UUID | None,
    ) -> None:
        self.changes.add(
            Notice(
                case_id=self.case.id,
                template=template,
                audience=audience,
                title=text.title[:120],
                body_sealed=self.key.seal_text(text.body),
                channel=channel,
                state=state,
                created_at=self.now,
                sent_at=self.now if state == "sent" else None,
                call_id=call_id,
            )
        )

    def hand_out(self, key: str, item: str | None) -> None:
        """Have a document issued when the command is written, once however often it is asked."""
        self._documents[key, item] = None

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
        if kind == "call":
            agency = self.session.get_one(ServiceCall, UUID(ref)).agency
            letters.send(self, Department("agency", agency), "failed", title)

    def schedule(self, kind: str, ref: str, due_at: datetime, detail: str | None = None) -> None:
        """Have something happen later; it is dropped when the wait named ``ref`` ends."""
        self.changes.add(
            Timer(
                kind=kind,
                case_id=self.case.id,
                ref=ref,
                detail=detail,
                due_at=due_at,
                set_at=self.now,
            )
        )

    def try_call(self, call_id: UUID) -> None:
        """Have a worker try a service call once this command is committed."""
        self._calls.append(call_id)

    def tell_cancelled(self, call_id: UUID) -> None:
        """Have a worker tell the agency that a call is no longer wanted, likewise."""
        self._cancelled.append(call_id)

    def send_message(self, message: str) -> None:
        """Put a message into the inbox; a job brings it to its receiver after the commit."""
        self._send(message, self.business_key, f"{self.case.no}/{message}/{self.case.event_count}")

    def _send(self, message: str, business_key: str, message_id: str) -> None:
        sent = MessageInbox(
            id=new_id(),
            message_id=message_id,
            message=message,
            business_key=business_key,
            received_at=self.now,
            expires_at=self.now + KEEP_MESSAGE,
            state="waiting",
            sender_id=self.case.id,
        )
        self.changes.add(sent)
        self.deliver_later(sent.id)

    def deliver_later(self, inbox_id: UUID) -> None:
        """Have a worker bring a message of the inbox to its receiver, likewise."""
        self._messages.append(inbox_id)

    def save_history(self) -> None:
        """Write history lines only: nothing else of the case changes, its revision neither."""
        self.session.flush()
        self._write(None)

    def save(self, *, submit_key: str | None = None) -> None:
        """Write everything, once. The surrounding transaction commits it."""
        if self._instance is not None:
            self.state.content = self._instance.dump()
            self.state.serializer = SERIALIZER
        with self.session.no_autoflush:  # one update of the case's row, not one before each query
            self._issue_documents()
        self.case.revision += 1
        self.session.flush()
        self._remember_cancelled(self._write(submit_key))
        if self._priority_changed and self.case.status == "running":
            self._rank_again()
        if self.case.status == "closed":
            self._end_items()
        if self._file_changed and self.case.file_id is not None:
            file = self.session.get_one(PersonFile, self.case.file_id)
            schedule_file_timers(self.runtime, self.session, self._active(), file, self.data)
        queue = self.runtime.queue
        queue.defer(self.session, jobs.ATTEMPT_CALL, self._calls)
        queue.defer(self.session, jobs.DELIVER_WAITING, self._messages)
        queue.defer(self.session, jobs.CANCEL_CALL, self._cancelled)

    def _rank_again(self) -> None:
        """What decides who comes first was written: the case's open tasks move with it."""
        self.session.execute(
            update(WorkItem)
            .where(
                WorkItem.case_id == self.case.id,
                WorkItem.state == "open",
                WorkItem.priority != self.priority,
            )
            .values(priority=self.priority)
        )

    def _active(self) -> LoadedRelease:
        """The release new cases begin with: file timers start those."""
        return self.runtime.releases.active(self.session, self.case.region, self.now)

    def _issue_documents(self) -> None:
        """In one order for all cases, so that two that take numbers never wait for each other."""
        from engine.documents.issue import issue  # noqa: PLC0415 - it is about an open case

        if self._documents:
            issue(self, sorted(self._documents, key=lambda one: (one[0], one[1] or "")))
            self._documents.clear()

    def _remember_cancelled(self, call_ids: Sequence[UUID]) -> None:
        """Agencies must be told, even if the job that is to do it gets lost."""
        self._cancelled += call_ids
        self.session.add_all(
            Timer(
                kind="cancel",
                case_id=self.case.id,
                ref=str(call_id),
                detail=str(call_id),
                due_at=self.now,
                queued_at=self.now,
            )
            for call_id in call_ids
        )

    def _write(self, submit_key: str | None) -> list[UUID]:
        return self.changes.write(
            self.session,
            case_id=self.case.id,
            now=self.now,
            account=self.actor.account_id,
            submit_key=submit_key,
        )

    @property
    def business_key(self) -> str:
        """The key messages find this case by: its person file, or itself when it has none."""
        return str(self.case.file_id or self.case.id)

    def _end_items(self) -> None:
        """A closed case has no open items: what was not finished ended with it."""
        self.session.execute(
            update(Item)
            .where(Item.case_id == self.case.id, Item.finished_at.is_(None))
            .values(state="ended", finished_at=self.now, changed_at=self.now)
        )


@lru_cache
def _sections_of(expression: str) -> frozenset[str]:
    """The sections an expression looks at."""
    return frozenset(name.partition(".")[0] for name in reads(expression))


#: A message nobody waits for yet is kept this long.
KEEP_MESSAGE = timedelta(days=400)

#: Sent to a batch when the last of the cases it began has ended.
MEMBERS_DONE = "members_done"

AUDIENCE = {"person": "本人", "unit": "单位", "custodian": "档案托管机构", "clerk": "经办人"}
