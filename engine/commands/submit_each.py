"""批量办理: one form for several tasks, each submitted by itself with all the checks.

Nothing is done for all or none: what cannot be submitted stays with its holder, with what was
typed as its draft, and the others go on.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from engine.access import Actor, may_work
from engine.commands.claim_task import claim_task
from engine.commands.save_draft import save_draft
from engine.commands.submit_form import submit_form
from engine.errors import Conflict, EngineError, Invalid, NotFound
from engine.forms import Form, in_bulk
from engine.models import Case, Draft, WorkItem
from engine.runtime import Runtime


class Chosen(NamedTuple):
    """A task as somebody saw it in a list; ``revision`` is what it had then."""

    work_item_id: UUID
    revision: int


@dataclass(frozen=True)
class Outcome:
    """What became of one task; ``problem`` is empty when it was submitted."""

    work_item_id: UUID
    case_no: str
    subject: str
    problem: str = ""


def submit_each(
    runtime: Runtime,
    chosen: Sequence[Chosen],
    form: Form,
    answers: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> Iterator[Outcome]:
    """Take and submit each task in a transaction of its own, as they are asked for.

    Args:
        chosen: the tasks; those that are not the actor's are told as not found.
        form: what the answers were given to, whole; a task of another version is left alone.
        answers: JSON object keyed by field, the same for all.
        key: names this run, at most 30 characters; a task submitted by it before counts as done.
    """
    for one in chosen:
        with runtime.reading() as session:
            task = session.get(WorkItem, one.work_item_id)
            if task is None or not may_work(actor, task):
                yield Outcome(one.work_item_id, "", "", NotFound.default)
                continue
            release = runtime.releases.get(session, session.get_one(Case, task.case_id).release_id)
        own = release.pack.form(task.form) if task.kind == "user" else None
        if own is None or not in_bulk(own) or own != form:
            problem = "该件使用的表单与本次填写的不同，请单独办理。"
        else:
            problem = _submit(runtime, task, one.revision, answers, actor, key)
        yield Outcome(task.id, task.case_no, task.subject, problem)


def _submit(
    runtime: Runtime,
    task: WorkItem,
    revision: int,
    answers: Mapping[str, Any],
    actor: Actor,
    key: str,
) -> str:
    """Submit one task; returns why it could not be."""
    try:
        if task.state == "open":
            claim_task(runtime, task.id, actor)
        submit_form(runtime, task.id, revision, answers, actor, f"{key}{task.id.hex}")
    except EngineError as error:  # whatever it is, the others go on
        _keep(runtime, task, answers, actor)
        said = error.errors.values() if isinstance(error, Invalid) else ()
        return "；".join(said) or error.message
    return ""


def _keep(runtime: Runtime, task: WorkItem, answers: Mapping[str, Any], actor: Actor) -> None:
    """Keep what was typed for going on with the task alone, unless it is others' by now, or
    something was typed for it alone before."""
    if task.claimed_by not in (None, actor.account_id):
        return
    with runtime.reading() as session:
        if session.get(Draft, (task.id, actor.account_id)) is not None:
            return
    with suppress(Conflict, NotFound):
        save_draft(runtime, task.id, answers, actor)
