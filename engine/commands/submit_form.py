"""Completing a user task with its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.access import Actor, may_work
from engine.advance import advance
from engine.attachments import files_of_case, keep
from engine.clock import office_date
from engine.commands.enter_reply import close_desk, enter_reply
from engine.covers import in_place_of
from engine.errors import Conflict, Invalid, NotFound, StaleRevision
from engine.forms import clean, file_ids
from engine.models import ServiceCall, WorkItem
from engine.open_case import OpenCase
from engine.other_hands import require_other_hands
from engine.runtime import Runtime


@dataclass(frozen=True)
class Submitted:
    """What a submit led to."""

    case_id: UUID
    case_no: str
    closed: bool
    repeated: bool = False


def submit_form(
    runtime: Runtime,
    work_item_id: UUID,
    revision: int,
    answers: Mapping[str, Any],
    actor: Actor,
    submit_key: str | None = None,
) -> Submitted:
    """Check the answers, write them to their section and let the case go on, in one transaction.

    The task may be a service call at its agency's desk: then the answers are the agency's, and the
    task stays open until they are its last word.

    Args:
        work_item_id: the task.
        revision: the task's revision when its page was opened.
        answers: JSON object keyed by field.
        submit_key: names this submit; repeating it (double click, lost reply) is harmless and
            returns the first result.

    Raises:
        NotFound: no such task, or not the actor's to see.
        Invalid: the answers break the form's rules; ``errors`` names the fields.
        StaleRevision: the task changed since the page was opened; read it again, then retry.
        Conflict: the task was done or cancelled meanwhile.
    """
    try:
        return _submit(runtime, work_item_id, revision, answers, actor, submit_key)
    except (Invalid, Conflict) as error:
        _note_refusal(runtime, work_item_id, actor, error)
        raise


def _submit(
    runtime: Runtime,
    work_item_id: UUID,
    revision: int,
    answers: Mapping[str, Any],
    actor: Actor,
    submit_key: str | None,
) -> Submitted:
    with runtime.transaction() as session:
        case, task = OpenCase.lock_with_task(runtime, session, work_item_id, actor)
        if not may_work(actor, task):
            raise NotFound
        if submit_key and task.submit_key == submit_key:
            return Submitted(case.case.id, case.case.no, case.case.status == "closed", True)
        case.actor = _require_open(case, task, revision, actor)
        require_other_hands(session, case.release.pack, task, actor)
        if task.kind == "call":
            _answer(case, task, answers, submit_key)
            return Submitted(case.case.id, case.case.no, case.case.status == "closed")
        form = case.release.pack.form(task.form)
        files = files_of_case(session, case.case) if form.takes_files else ()
        content = clean(form, answers, case.data, office_date(case.now), files)
        keep(session, file_ids(form, content), case.now)
        case.write_section(task.section, content)
        case.note(
            "task",
            f"{task.title}：已提交",
            element=task.element,
            item=task.item,
            detail={"section": task.section, "version": case.data.version(task.section)},
        )
        advance(case, case.instance.complete_task(task.token))
        case.save(submit_key=submit_key)
        return Submitted(case.case.id, case.case.no, case.case.status == "closed")


def _answer(
    case: OpenCase, task: WorkItem, answers: Mapping[str, Any], submit_key: str | None
) -> None:
    """An agency's answer, entered at its desk."""
    call = case.session.get_one(ServiceCall, task.call_id, with_for_update=True)
    enter_reply(case, call, answers, "manual")
    task.submit_key, task.revision = submit_key, task.revision + 1
    if call.finished_at is not None:
        close_desk(case, task)
    case.save()


def _note_refusal(
    runtime: Runtime, work_item_id: UUID, actor: Actor, error: Invalid | Conflict
) -> None:
    """Leave a line in the history: who tried what, and which fields were wrong; never values."""
    with runtime.transaction() as session:
        case, task = OpenCase.lock_with_task(runtime, session, work_item_id, actor)
        if not may_work(actor, task):
            return
        fields = sorted(error.errors) if isinstance(error, Invalid) else []
        case.note(
            "submit_refused",
            f"{task.title}：提交未生效，{error.message}",
            element=task.element,
            item=task.item,
            detail={"fields": fields},
        )
        case.save_history()


def _require_open(case: OpenCase, task: WorkItem, revision: int, actor: Actor) -> Actor:
    """The actor as the history names them, when the task is still there for them to do."""
    if task.state == "cancelled":
        raise Conflict("该环节已取消，无需办理。")
    if task.state == "done":
        raise Conflict("该环节已办理完成，本次提交未生效。")
    doing = in_place_of(case.session, task, actor, office_date(case.now))
    if task.revision != revision:
        raise StaleRevision
    return doing
