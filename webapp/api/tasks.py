"""``tasks``: the worklist and everything done with one task."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from pydantic import Field

from engine.commands.claim_task import claim_task, unclaim_task
from engine.commands.save_draft import save_draft
from engine.commands.submit_form import submit_form
from engine.models import WorkItem
from engine.queries.task_page import task_page
from engine.queries.worklist import Filters, View, worklist
from webapp.api.part import Body, Query, Shape, part
from webapp.api.regions import FormContent
from webapp.context import actor, runtime

tasks = part("tasks", "待办 tasks")


class TaskQuery(Query):
    """Which tasks, and which page of them."""

    view: View = Field(
        "pool", description="mine 我的 · pool 待领取 · due_soon · overdue · done · cover 代办"
    )
    region: str = Field("", max_length=40)
    element: str = Field("", max_length=80, description="环节在流程图中的编号")
    item: str = Field("", max_length=40, description="联办事项")
    subject: str = Field("", max_length=120, description="办事人姓名（全名）")
    case_no: str = Field("", max_length=32)
    stage: str = Field("", max_length=40, description="阶段（地区包 stages 中的编码）")
    priority: str = Field("", max_length=1, description="填 1 时只列优先办理的")
    due_from: str = Field("", max_length=10, description="期限从哪一天起，如 2027-05-20")
    due_until: str = Field("", max_length=10, description="期限到哪一天止，含当日")
    unit: str = Field("", max_length=60, description="单位名称或其中一部分")
    person: str = Field("", max_length=36, description="人员编号（不是身份证号）")
    after: str = Field("", max_length=120, description="上一页的 next")
    limit: int = Field(50, ge=1, le=200)


class Task(Shape):
    """One row of the worklist. ``revision`` goes back with a submit."""

    id: UUID
    case_no: str
    subject: str
    region: str
    role: str
    process: str
    element: str
    title: str
    form: str
    section: str
    item: str | None
    state: str
    revision: int
    claimed: bool
    mine: bool
    opened_at: datetime
    due_at: datetime | None
    provisional: bool
    stage: str | None
    priority: int
    closed_at: datetime | None


class TaskList(Shape):
    """One page; ``next`` asks for the one after it, and is null on the last."""

    tasks: list[Task]
    next: str | None


class TaskDetail(Shape):
    """A task ready to be done: its form, filled in as far as possible."""

    task: Task
    form: FormContent
    answers: dict[str, Any]
    draft_saved_at: datetime | None
    claimed_by: str | None


class DraftBody(Body):
    """Answers as they are; they are not checked."""

    answers: dict[str, Any]


class SubmitBody(Body):
    """Answers to a form. Repeating a submit with its ``submit_key`` is harmless."""

    revision: int = Field(ge=0, le=2**31 - 1)
    answers: dict[str, Any]
    submit_key: str | None = Field(None, min_length=1, max_length=64)


class SubmitResult(Shape):
    """What a submit led to; ``repeated``: it had been taken before and nothing changed."""

    case_id: UUID
    case_no: str
    closed: bool
    repeated: bool


@tasks.get("/tasks")
@tasks.input(TaskQuery, location="query")
@tasks.output(TaskList)
def list_tasks(query_data: TaskQuery) -> dict[str, Any]:
    """List tasks the account may do, earliest due first."""
    filters = Filters(**{name: getattr(query_data, name) for name in Filters.__annotations__})
    page = worklist(
        runtime(), actor(), query_data.view, filters, query_data.after, query_data.limit
    )
    return {"tasks": [task_of(row) for row in page.rows], "next": page.after or None}


@tasks.get("/tasks/<uuid:task_id>")
@tasks.output(TaskDetail)
def show_task(task_id: UUID) -> dict[str, Any]:
    """Show a task with its form and what is known of the answers."""
    page = task_page(runtime(), task_id, actor())
    return {
        "task": task_of(page.task),
        "form": {"key": page.task.form, "schema": page.form.schema, "ui": page.form.ui},
        "answers": page.answers,
        "draft_saved_at": page.draft_saved_at,
        "claimed_by": page.claimed_by,
    }


@tasks.post("/tasks/<uuid:task_id>/claim")
@tasks.output({}, status_code=204)
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take a task from the pool; taking one's own again is harmless.

    409 when a colleague was faster.
    """
    claim_task(runtime(), task_id, actor())
    return "", 204


@tasks.post("/tasks/<uuid:task_id>/unclaim")
@tasks.output({}, status_code=204)
def unclaim(task_id: UUID) -> ResponseReturnValue:
    """Give a task back to the pool."""
    unclaim_task(runtime(), task_id, actor())
    return "", 204


@tasks.post("/tasks/<uuid:task_id>/draft")
@tasks.input(DraftBody, arg_name="body")
@tasks.output({}, status_code=204)
def draft(task_id: UUID, body: DraftBody) -> ResponseReturnValue:
    """Keep answers without checking them; they come back with the task."""
    save_draft(runtime(), task_id, body.answers, actor())
    return "", 204


@tasks.post("/tasks/<uuid:task_id>/submit")
@tasks.input(SubmitBody, arg_name="body")
@tasks.output(SubmitResult)
def submit(task_id: UUID, body: SubmitBody) -> object:
    """Complete a task; its case goes on before the answer comes.

    409 when the task changed or was done meanwhile, 422 with the fields that are wrong.
    """
    return submit_form(runtime(), task_id, body.revision, body.answers, actor(), body.submit_key)


def task_of(row: WorkItem) -> dict[str, Any]:
    """A work item as the signed-in account sees it."""
    here = {name: getattr(row, name) for name in Task.model_fields if hasattr(row, name)}
    return {
        **here,
        "claimed": row.claimed_by is not None,
        "mine": row.claimed_by == actor().account_id,
    }
