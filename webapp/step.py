"""为什么有这一步: one step of a case, the sentences it fulfils, and the way that led to it."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.step_page import Reason, StepPage, step_page
from webapp import words
from webapp.context import actor, runtime
from webapp.facts import field_texts

pages = Blueprint("step", __name__)


@dataclass(frozen=True)
class Told:
    """A decision in plain words: what was asked, what came of it, and what it looked at."""

    question: str
    answer: str
    why: str
    condition: str
    facts: list[tuple[str, str]]
    changed: bool


@pages.get("/cases/<no>/steps/<element>")
def show(no: str, element: str) -> ResponseReturnValue:
    """Show why a step is there."""
    page = step_page(runtime(), no, element, actor(), request.args.get("process", "")[:80])
    area = "clerk" if actor().kind == "staff" else "applicant"
    policies = {policy.name: policy for policy in page.release.config.policies}
    return render_template(
        "step/show.html",
        page=page,
        way=_told(page),
        policies=policies,
        case_url=url_for(f"{area}.case", no=no),
        kind=words.ELEMENTS.get(page.node.kind, "环节"),
    )


def _told(page: StepPage) -> list[Told]:
    texts = field_texts(page.release.pack, runtime().operations, page.sections)
    return [
        Told(
            question=reason.decision.question,
            answer=reason.decision.answer,
            why=_why(reason),
            condition=reason.decision.condition,
            facts=[texts(section, field) for section, field in reason.decision.looked_at],
            changed=reason.holds is False,
        )
        for reason in page.way
    ]


def _why(reason: Reason) -> str:
    decision = reason.decision
    if decision.kind == "boundaryEvent":
        return "办理中发生"
    if decision.kind == "eventBasedGateway":
        return "最先到来"
    return "条件成立" if decision.condition else "其他条件都不成立"
