"""批量办理: choose tasks of one step, fill in one form, and see what became of each.

Tasks are submitted a few per request; the page that comes back goes on with the rest by itself, or
at the press of a button where there are no scripts. What it has to remember travels in its form.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import office_date
from engine.commands.submit_each import Chosen, Outcome, submit_each
from engine.errors import Invalid
from engine.forms import clean, common_part, prefill
from engine.queries.bulk import MOST, BulkStep, bulk_step, bulk_steps
from webapp.context import actor, runtime
from webapp.forms import Posted, form_page, read_post

#: Tasks of one request: a second or two.
AT_ONCE = 20
_CHOSEN = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})")
_TOLD = ("id", "no", "subject", "problem")


class Told(NamedTuple):
    """One line of the results."""

    id: str
    no: str
    subject: str
    problem: str


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/tasks/bulk", "bulk", index)
    pages.add_url_rule("/tasks/bulk/<region>/<step>", "bulk_step", show)
    pages.add_url_rule("/tasks/bulk/<region>/<step>", "bulk_act", act, methods=["POST"])


def index() -> ResponseReturnValue:
    """List the steps that can be done many at a time; the only one is opened at once."""
    steps = bulk_steps(runtime(), actor())
    if len(steps) == 1:
        only = steps[0]
        return redirect(url_for("clerk.bulk_step", region=only.region, step=only.element))
    return render_template("bulk/index.html", steps=steps)


def show(region: str, step: str) -> ResponseReturnValue:
    """Show the tasks of a step, and its form."""
    found = bulk_step(runtime(), actor(), region, step)
    return _page(found, Posted("refresh", prefill(common_part(found.form), {})), [])


def act(region: str, step: str) -> ResponseReturnValue:
    """Submit the first of the chosen tasks, and go on."""
    found = bulk_step(runtime(), actor(), region, step)
    common = common_part(found.form)
    posted = read_post(common, request.form, {})
    chosen = [Chosen(UUID(one), int(two)) for one, two in _chosen()]
    if posted.action not in ("submit", "next"):
        return _page(found, posted, chosen)
    if not chosen:
        return _page(found, posted, chosen, {"": "请先勾选要办理的办件"}), 422
    try:
        clean(common, posted.answers, {}, office_date(runtime().clock.now()))
    except Invalid as error:
        return _page(found, posted, chosen, error.errors or {"": error.message}), 422
    key = request.form.get("submit_key", "")[:30] or uuid4().hex[:30]
    outcomes = submit_each(runtime(), chosen[:AT_ONCE], found.form, posted.answers, actor(), key)
    told = [*_told(), *(_line(one) for one in outcomes)]
    return render_template(
        "bulk/results.html",
        step=found,
        told=told,
        done=sum(not one.problem for one in told),
        rest=chosen[AT_ONCE:],
        answers=_again(),
        key=key,
    )


def _page(
    found: BulkStep,
    posted: Posted,
    chosen: Sequence[Chosen],
    errors: dict[str, str] | None = None,
) -> str:
    url = url_for("clerk.bulk_act", region=found.region, step=found.element)
    return render_template(
        "bulk/step.html",
        step=found,
        form=form_page(common_part(found.form), posted.answers, url=url, errors=errors),
        chosen={one.work_item_id for one in chosen},
        key=uuid4().hex[:30],
    )


def _chosen() -> Iterator[tuple[str, str]]:
    """What was ticked, once each, as many as one list holds."""
    for text in dict.fromkeys(request.form.getlist("task")[:MOST]):
        found = _CHOSEN.fullmatch(text)
        if found is None:
            raise Invalid("无法识别的办件，请刷新页面后重试。")
        try:
            UUID(found[1])
        except ValueError:
            raise Invalid("无法识别的办件，请刷新页面后重试。") from None
        yield found[1], found[2]


def _line(one: Outcome) -> Told:
    return Told(str(one.work_item_id), one.case_no, one.subject, one.problem)


def _told() -> list[Told]:
    """The results so far, as the page before told them; they are only shown again."""
    columns = [request.form.getlist(f"told.{name}")[:MOST] for name in _TOLD]
    lines = (Told(*(text[:400] for text in row)) for row in zip(*columns, strict=False))
    return [line for line in lines if re.fullmatch("[0-9a-f-]{36}", line.id)]


def _again() -> list[tuple[str, str]]:
    """The answers, to be sent again with the rest."""
    ours = {"csrf_token", "task", "submit_key", *(f"told.{name}" for name in _TOLD)}
    pairs = request.form.items(multi=True)
    return [(name, value) for name, value in pairs if name not in ours and name != "_action"]
