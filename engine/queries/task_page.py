"""All a clerk or applicant needs to do one task: form, prefill, draft, and the case beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from engine.access import Actor, may_work
from engine.case_data import CaseData
from engine.clock import office_date
from engine.covers import at_whose_desk
from engine.drafts import newest_draft
from engine.errors import NotFound
from engine.file_record import know_checklist
from engine.forms import Form, prefill
from engine.item_states import STATES
from engine.models import Account, Case, DataKey, Draft, Item, Notice, ServiceCall, WorkItem
from engine.operation_forms import reply_form, request_form
from engine.other_hands import other_hands
from engine.packs.release import LoadedRelease
from engine.queries.attachments import AttachmentLine, attachments_of
from engine.runtime import Runtime
from engine.sealing import SealingKey


@dataclass(frozen=True)
class TaskPage:
    """A task ready to be done."""

    task: WorkItem
    case: Case
    form: Form
    answers: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Any]]
    items: Sequence[Item]
    draft_saved_at: datetime | None
    claimed_by: str | None
    held: bool  # by the actor, or by somebody the actor covers for today
    attachments: Mapping[str, AttachmentLine]
    barred: str  # why the actor must leave it to others
    asked: "Asked | None" = None
    told: str = ""  # what an applicant was told when the task came back to them


@dataclass(frozen=True)
class Asked:
    """What an agency was asked, for whoever answers at its desk; ``said`` is its last word."""

    form: Form
    content: Mapping[str, Any]
    said: str | None


def task_page(runtime: Runtime, work_item_id: UUID, actor: Actor) -> TaskPage:
    """Read a task with its form, filled from the actor's draft, else from an earlier version of
    its section (a send-back), else from the fields' sources.

    Raises:
        NotFound: no such task, or not the actor's.
    """
    with runtime.reading() as session:
        row = session.execute(
            select(WorkItem, Case, DataKey.wrapped, Draft, Account.name)
            .join(Case, Case.id == WorkItem.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .outerjoin(
                Draft,
                (Draft.work_item_id == WorkItem.id) & (Draft.account_id == actor.account_id),
            )
            .outerjoin(Account, Account.id == WorkItem.claimed_by)
            .where(WorkItem.id == work_item_id)
        ).one_or_none()
        if row is None or not may_work(actor, row[0]):
            raise NotFound
        task, case, wrapped, draft, holder = row
        desk = at_whose_desk(session, task, actor, office_date(runtime.clock.now()))
        own: Draft | None = (
            draft if desk == actor.account_id else session.get(Draft, (task.id, desk))
        )
        key = runtime.keyring.unwrap(wrapped)
        data = CaseData.load(session, case.id, case.file_id, key)
        release = runtime.releases.get(session, case.release_id)
        know_checklist(runtime, release, data)
        at_desk = task.kind == "call"
        asked = _asked(runtime, session, task, key, data) if at_desk else None
        if asked is not None:
            form = reply_form(runtime.operations.get(task.form))
            saved: Mapping[str, Any] | None = {"handled_by": actor.name.partition("（")[0]}
        else:
            form = release.pack.form(task.form).on(office_date(runtime.clock.now()))
            saved = data.get(task.section)
        shared = task.kind == "user" and _shared(release, task)
        last = newest_draft(session, task.id) if shared else own
        if last is not None:
            saved = {**(saved or {}), **key.open_json(bytes(last.answers_sealed))}
        return TaskPage(
            task=task,
            case=case,
            form=form,
            answers=prefill(form, data, saved),
            sections={name: data[name] for name in data},
            items=session.scalars(select(Item).where(Item.case_id == case.id)).all(),
            draft_saved_at=last.saved_at if last else None,
            claimed_by=holder,
            held=task.claimed_by is not None and task.claimed_by == desk,
            attachments=attachments_of(session, case, actor),
            barred=other_hands(session, release.pack, task, actor),
            asked=asked,
            told=_told(session, task, key, actor),
        )


def _told(session: Session, task: WorkItem, key: SealingKey, actor: Actor) -> str:
    """The notice that came with a step applicants have to do once more: why it came back."""
    if actor.kind not in ("unit", "person"):
        return ""
    before = aliased(WorkItem)
    again = exists().where(
        before.case_id == task.case_id, before.element == task.element, before.state == "done"
    )
    newest = (
        select(Notice.body_sealed)
        .where(
            Notice.case_id == task.case_id,
            Notice.audience == actor.kind,
            Notice.created_at >= task.opened_at,
            again,
        )
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(1)
    )
    sealed = session.scalar(newest)
    return key.open_text(bytes(sealed)) if sealed else ""


def _shared(release: LoadedRelease, task: WorkItem) -> bool:
    """Whether applicant and window go on with one draft, whoever saved it (JL-013)."""
    node = release.pack.processes[task.process].nodes[task.element]
    lane = release.config.lanes.get(node.lane or "")
    return lane is not None and lane.window is not None


def _asked(
    runtime: Runtime, session: Session, task: WorkItem, key: SealingKey, data: CaseData
) -> Asked:
    call = session.get_one(ServiceCall, task.call_id)
    item = session.get(Item, (task.case_id, task.item)) if task.item else None
    said = f"{STATES[item.state]}：{item.reason}" if item and item.reason else None
    return Asked(
        request_form(runtime.operations.get(call.operation)),
        {**data.get("person", {}), **key.open_json(bytes(call.request_sealed))},
        said,
    )
