"""转交: giving tasks to a colleague, one or several at once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.reassign_task import LONGEST_REASON, reassign_tasks
from engine.errors import Invalid, NotFound
from engine.models import WorkItem
from engine.queries.reassignable import MOST_TASKS, reasons, reassignable
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the page, and what pages of tasks tell of those who gave one."""
    pages.add_url_rule("/tasks/reassign", "reassign", ask)
    pages.add_url_rule("/tasks/reassign", "give", give, methods=["POST"])
    pages.app_context_processor(lambda: {"handed_reason": handed_reason})


def handed_reason(task: WorkItem) -> str:
    """Why a task was given to its holder; empty where it was not."""
    return reasons(runtime(), [task]).get(task.id, "")


def ask() -> ResponseReturnValue:
    """Ask to whom, and why."""
    tasks = _ids(request.args.getlist("task"))
    if not tasks:
        flash("请先勾选要转交的环节。", "warning")
        return redirect(_back(request.args.get("back", "")))
    return _page(tasks, request.args)


def give() -> ResponseReturnValue:
    """Give them; what could not be given stays on the page, each with the reason."""
    form = request.form
    tasks = _ids(form.getlist("task"))
    to = next(iter(_ids([form.get("to", "")])), None)
    reason = form.get("reason", "")
    errors = {} if to else {"to": "请选择接收的同事。"}
    try:
        refused = reassign_tasks(runtime(), tasks, to, reason, actor()) if to else {}
    except Invalid as error:
        return _page(tasks, form, errors={**errors, **error.errors}), 422
    if errors:
        return _page(tasks, form, errors=errors), 422
    given = len(tasks) - len(refused)
    if given:
        flash(f"已转交 {given} 件。", "success")
    if not refused:
        return redirect(_back(form.get("back", "")))
    try:
        return _page(list(refused), form, refused=refused), 409
    except NotFound:  # done by others meanwhile: nothing is left to be given
        flash("；".join(dict.fromkeys(refused.values())), "warning")
        return redirect(_back(form.get("back", "")))


def _page(
    tasks: list[UUID],
    asked: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    refused: Mapping[UUID, str] | None = None,
) -> str:
    return render_template(
        "clerk/reassign.html",
        page=reassignable(runtime(), tasks, actor()),
        to=asked.get("to", ""),
        reason=asked.get("reason", ""),
        back=asked.get("back", ""),
        back_url=_back(asked.get("back", "")),
        errors=errors or {},
        refused=refused or {},
        longest=LONGEST_REASON,
    )


def _ids(texts: list[str]) -> list[UUID]:
    """What can be read as ids; anything else was not written by our pages."""
    found = []
    for text in texts[:MOST_TASKS]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _back(name: str) -> str:
    """Where somebody came from: one of our lists, never an address out of a form."""
    return url_for("clerk.office") if name == "office" else url_for("clerk.worklist")
