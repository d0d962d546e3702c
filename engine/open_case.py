"""A case opened for one command: locked, loaded, advanced, and written once.

Lock order, always: the case's rows first (``case_``, ``case_state`` and the row the command is
about, in that order and in one statement), then whatever hangs on it. Nothing here talks to the
outside world.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.access import SYSTEM, Actor
from engine.calendar import WorkCalendar
from engine.case_data import CaseData, section_name
from engine.changes import Changes
from engine.documents.issue import issue
from engine.errors import Conflict, NotFound
from engine.expressions import Known, reads
from engine.file_timers import schedule_file_timers
from engine.forms import declared
from engine.functions import case_functions
from engine.history import next_event
from engine.items import end_items
from engine.materials import SECTION, checklist
from engine.models import (
    Base,
    Case,
    CaseState,
    DataKey,
    PersonFile,
    ServiceCall,
    Timer,
    WorkItem,
)
from engine.outbox import Outbox
from engine.packs.region import Lane, RegionConfig
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime
from engine.scope import holding
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
        self.outbox = Outbox()
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
            select(
                *(Case, CaseState, DataKey.wrapped),
                *([about] if about else []),
                holding(Case.id),
            )
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

    def record(self, what: str, item: str | None = None) -> None:
        """Make what the case found out part of the person file (or of another section).

        Args:
            what: ``target = source source …``: of the sources, later ones last, the fields that
                the target declares in ``[sections]`` become its new version.
            item: the item in whose process this is, for sources ``this.x``.
        """
        target, _, sources = what.partition("=")
        rule = self.config.sections[target.strip()]
        form = self.release.pack.form(rule.schema_file.removesuffix(".schema.json"))
        fields = declared(form.inlined)
        content: dict[str, Any] = {}
        for source in sources.split():
            known = self.data.get(section_name(source, item) or "") or {}
            content |= {name: value for name, value in known.items() if name in fields}
        self.write_section(target.strip(), content)

    def office_for(self, agency: str) -> str | None:
        """The office of an agency that this case is for, whether or not it has begun there."""
        lane = self.config.desk_lane(agency)
        return self.instance.evaluate(lane.office) if lane and lane.office else None

    def offices_by_agency(self) -> Mapping[str, str]:
        """Agency → the office of it that this case is for, where it has several."""
        found = {agency: self.office_for(agency) for agency in self.config.agencies}
        return {agency: office for agency, office in found.items() if office}

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

    def hand_out(self, key: str, item: str | None) -> None:
        """Have a document issued when the command is written, once however often it is asked."""
        self._documents[key, item] = None

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
            end_items(self)
        if self._file_changed and self.case.file_id is not None:
            file = self.session.get_one(PersonFile, self.case.file_id)
            schedule_file_timers(self.runtime, self.session, self._active(), file, self.data)
        self.outbox.send(self.runtime.queue, self.session)

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
        if self._documents:
            issue(self, sorted(self._documents, key=lambda one: (one[0], one[1] or "")))
            self._documents.clear()

    def _remember_cancelled(self, call_ids: Sequence[UUID]) -> None:
        """Agencies must be told, even if the job that is to do it gets lost."""
        for call_id in call_ids:
            self.outbox.tell_cancelled(call_id)
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


@lru_cache
def _sections_of(expression: str) -> frozenset[str]:
    """The sections an expression looks at."""
    return frozenset(name.partition(".")[0] for name in reads(expression))
