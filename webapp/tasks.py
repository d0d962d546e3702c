"""办理环节: the page of one task, for clerks and applicants alike.

Whatever happens meanwhile (a colleague claims it, the case is withdrawn, the session's page is
old), what was typed is shown again and the page says what became of it.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import CHINA, office_date
from engine.commands.claim_task import claim_task, unclaim_task
from engine.commands.reveal_request import reveal_request
from engine.commands.save_draft import save_draft
from engine.commands.store_attachment import store_attachment
from engine.commands.submit_form import Submitted, submit_form
from engine.errors import Conflict, Invalid, StaleRevision
from engine.forms import advice, file_ids
from engine.models import WorkItem
from engine.packs.release import LoadedRelease
from engine.queries.attachments import attachment_lines
from engine.queries.next_task import alike, next_task
from engine.queries.task_page import TaskPage, task_page
from webapp.context import actor, runtime
from webapp.facts import asked_table, fact_tables
from webapp.forms import Posted, form_page, read_post
from webapp.security import takes_files

pages = Blueprint("task", __name__, url_prefix="/tasks")


@pages.get("/<uuid:task_id>")
def show(task_id: UUID) -> ResponseReturnValue:
    """Show a task with its form filled in as far as possible."""
    page = task_page(runtime(), task_id, actor())
    if page.task.state != "open":
        return _closed(page)
    return _form(page, page.answers)


@pages.post("/<uuid:task_id>")
@takes_files
def act(task_id: UUID) -> ResponseReturnValue:
    """Do what the pressed button of the form says."""
    page = task_page(runtime(), task_id, actor())
    try:
        posted = _posted(page)
    except Conflict as error:  # the task ended while a file was under way
        typed = read_post(page.form, request.form, page.sections).answers
        return _closed(task_page(runtime(), task_id, actor()), typed, error.message), 409
    try:
        return _done(page, posted)
    except Invalid as error:
        return _form(page, posted.answers, errors=error.errors or {"": error.message}), 422
    except StaleRevision as error:
        return _form(page, posted.answers, problem=error.message), 409
    except Conflict as error:
        fresh = task_page(runtime(), task_id, actor())
        return _closed(fresh, posted.answers, error.message), 409


def _done(page: TaskPage, posted: Posted) -> ResponseReturnValue:
    if posted.errors:
        raise Invalid(errors=dict(posted.errors))
    if posted.action == "save":
        save_draft(runtime(), page.task.id, posted.answers, actor())
        flash("已暂存，可以稍后继续填写。", "success")
        return redirect(url_for("task.show", task_id=page.task.id))
    if posted.action in ("submit", "next"):
        done = _submit(page.task.id, posted.answers)
        flash(f"{page.task.subject}的“{page.task.title}”已提交。", "success")
        staff = actor().kind == "staff"
        return _next_alike(page.task) if staff and posted.action == "next" else _after(done)
    if page.task.state != "open":
        raise Conflict("您打开本页后，该环节已经结束，不能再填写。")
    return _form(page, posted.answers, key=request.form.get("submit_key"))


@pages.post("/<uuid:task_id>/draft")
def draft(task_id: UUID) -> ResponseReturnValue:
    """Save what is typed while somebody types; answered in JSON, for the page's script."""
    page = task_page(runtime(), task_id, actor())
    typed = read_post(page.form, request.form, page.sections).answers
    try:
        saved_at = save_draft(runtime(), task_id, typed, actor(), _revision())
    except (Conflict, Invalid) as error:
        return {"message": error.message}, 409
    return {"saved_at": f"{saved_at.astimezone(CHINA):%H:%M}"}


@pages.post("/<uuid:task_id>/reveal")
def reveal(task_id: UUID) -> ResponseReturnValue:
    """Show the request at a desk with its numbers in full; the history tells who looked."""
    reveal_request(runtime(), task_id, actor())
    page = task_page(runtime(), task_id, actor())
    return _form(page, page.answers, in_full=True)


@pages.post("/<uuid:task_id>/claim")
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take the task."""
    try:
        claim_task(runtime(), task_id, actor())
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("task.show", task_id=task_id))


@pages.post("/<uuid:task_id>/unclaim")
def unclaim(task_id: UUID) -> ResponseReturnValue:
    """Give the task back; a draft stays for whoever takes it again."""
    try:
        unclaim_task(runtime(), task_id, actor())
        flash("已退回待领取。您暂存的内容仍保留在您名下。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.worklist"))


def _posted(page: TaskPage) -> Posted:
    def store(name: str, content: bytes) -> UUID:
        return store_attachment(runtime(), name, content, actor(), page.task.id)

    return read_post(page.form, request.form, page.sections, request.files, store)


def _submit(task_id: UUID, answers: Mapping[str, Any]) -> Submitted:
    key = request.form.get("submit_key", "")[:64] or None
    return submit_form(runtime(), task_id, _revision(), answers, actor(), key)


def _revision() -> int:
    """The task's revision when its page was opened; one that never was, when none was sent."""
    sent = request.form.get("revision", "")
    return int(sent) if re.fullmatch("[0-9]{1,9}", sent) else -1


def _after(done: Submitted) -> ResponseReturnValue:
    """Go on with the same case when the next step is the same person's, else back."""
    following = next_task(runtime(), done.case_no, actor())
    if following:
        if actor().kind == "staff":
            return claim(following.id)
        return redirect(url_for("task.show", task_id=following.id))
    if actor().kind == "staff":
        return redirect(url_for("clerk.worklist"))
    return redirect(url_for("applicant.case", no=done.case_no))


def _next_alike(task: WorkItem) -> ResponseReturnValue:
    """Go on with the same step of another case; when a colleague is faster, the one after it."""
    for row in alike(runtime(), task, actor()):
        try:
            claim_task(runtime(), row.id, actor())
        except Conflict:
            continue
        return redirect(url_for("task.show", task_id=row.id))
    flash(f"没有其他待办的“{task.title}”了。", "info")
    return redirect(url_for("clerk.worklist"))


def _form(
    page: TaskPage,
    answers: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    key: str | None = None,
    in_full: bool = False,
) -> str:
    release = _release(page)
    tables = fact_tables(release.pack, runtime().operations, page.sections)
    order = list(release.config.items)
    task = page.task
    return render_template(
        "task/form.html",
        page=page,
        task=task,
        form=form_page(
            page.form,
            answers,
            url=url_for("task.act", task_id=task.id),
            errors=errors,
            sources={table.section: table.title for table in tables},
            files=attachment_lines(runtime(), file_ids(page.form, answers), actor()),
            advice=advice(page.form, answers, page.sections, office_date(runtime().clock.now())),
        ),
        hidden={"revision": task.revision, "submit_key": key or uuid4().hex},
        problem=problem,
        asked=asked_table(page.asked.form, page.asked.content, in_full) if page.asked else None,
        in_full=in_full,
        tables=[table for table in tables if table.section != task.section],
        items=sorted(page.items, key=lambda item: order.index(item.code)),
        mine=page.held,
        # two clerks must not type the same; an applicant's task has nobody to share it with
        must_claim=actor().kind == "staff" and task.claimed_by is None,
    )


def _closed(page: TaskPage, answers: Mapping[str, Any] | None = None, problem: str = "") -> str:
    """Say what became of a task; what was typed in vain stays readable, to be copied."""
    files = attachment_lines(runtime(), file_ids(page.form, answers or {}), actor())
    typed = form_page(page.form, answers, files=files) if answers else None
    return render_template(
        "task/closed.html", page=page, task=page.task, typed=typed, problem=problem
    )


def _release(page: TaskPage) -> LoadedRelease:
    with runtime().reading() as session:
        return runtime().releases.get(session, page.case.release_id)
