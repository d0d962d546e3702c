"""An agency without an interface: its requests lie on a desk, and a clerk enters the answers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.access import Actor
from engine.commands.claim_task import claim_task
from engine.commands.retry_incident import retry_incident
from engine.commands.submit_form import submit_form
from engine.commands.sweep import sweep
from engine.errors import Invalid, NotFound, StaleRevision
from engine.forms import check_schema
from engine.models import (
    AgencySetting,
    CaseEvent,
    DataKey,
    Feedback,
    Incident,
    ServiceAttempt,
    ServiceCall,
    Timer,
    WorkItem,
)
from engine.operation_forms import reply_form, reply_of, request_form
from engine.operations import OperationRegister, operations
from engine.queries.audit import audit
from engine.queries.reconciliation import reconcile
from handlers.envelope import read_reply
from handlers.jobs import Exchange, Jobs
from handlers.sandbox.results import sample
from tests.conftest import Database
from tests.handlers.conftest import NOON, SECRET
from tests.handlers.stories import apply_for_everything
from tests.handlers.test_jobs import Works, withdraw
from tests.stage import Stage

MATCHES = {"match": True, "life_status": "alive", "checked_at": "2027-04-20"}
GOOD = {"outcome": "SUCCESS", "handled_by": "王警官", "business": MATCHES}


@pytest.fixture
def works(database: Database) -> Iterator[Works]:
    """The household check on the desk of the pre-review office; no agency is on any wire."""
    stage = Stage(database.engine)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="manual"))
    sandbox: Any = None
    works = Works(stage, sandbox, Jobs(stage.runtime, Exchange(SECRET, loopback=True), ""))
    apply_for_everything(stage)
    works.pump()
    yield works
    assert audit(stage.runtime) == []
    assert reconcile(stage.runtime, lambda: []) == []


def desk(works: Works) -> WorkItem:
    (task,) = [task for task in works.stage.tasks().values() if task.kind == "call"]
    return task


def enter(works: Works, answers: dict[str, Any], actor: Actor | None = None) -> None:
    task = desk(works)
    submit_form(works.stage.runtime, task.id, task.revision, answers, actor or works.stage.li)
    works.pump()


def test_a_call_is_handed_over_under_its_own_deadline(works: Works) -> None:
    task, call = desk(works), works.call()
    assert (call.state, call.mode, task.call_id) == ("accepted", "manual", call.id)
    assert (task.role, task.title, task.due_at) == ("hrss_reviewer", call.title, call.due_at)
    assert works.attempts() == [("send", "handed_over")]


def test_handing_over_twice_is_harmless(works: Works) -> None:
    works.jobs.attempt_call(works.call().id)
    sweep(works.stage.runtime)
    works.pump()
    assert works.attempts() == [("send", "handed_over")]
    desk(works)


def test_a_success_takes_the_case_on_and_is_kept_as_any_other_answer(works: Works) -> None:
    enter(works, GOOD)
    assert works.call().state == "succeeded"
    assert "approve" in works.stage.tasks()
    (feedback,) = works.rows(Feedback)
    assert (feedback.channel, feedback.state) == ("manual", "applied")
    with works.stage.runtime.reading() as session:
        wrapped = session.scalars(select(DataKey.wrapped)).first()
    raw = works.stage.runtime.keyring.unwrap(wrapped).open(bytes(feedback.raw_sealed))
    reply = read_reply(raw, operations.get("police/household_check"), works.call().id)
    assert (reply.status, reply.handled_by) == ("SUCCESS", "王警官")
    (told,) = [event for event in works.rows(CaseEvent) if event.kind == "entered"]
    assert told.actor == "小李" and "办结成功" in told.title


def test_the_clerk_who_entered_it_has_done_the_work_item(works: Works) -> None:
    task = desk(works)
    claim_task(works.stage.runtime, task.id, works.stage.li)
    enter(works, GOOD)
    with works.stage.runtime.reading() as session:
        done = session.get_one(WorkItem, task.id)
    assert (done.state, done.closed_by) == ("done", works.stage.li.account_id)


def test_a_refusal_takes_the_boundary_of_its_code_and_closes_the_work_item(works: Works) -> None:
    task = desk(works)
    enter(
        works,
        {
            "outcome": "FAILED",
            "reason_code": "MISMATCH",
            "reason": "姓名不符",
            "handled_by": "王警官",
        },
    )
    assert works.call().state == "refused"
    with works.stage.runtime.reading() as session:
        assert session.get_one(WorkItem, task.id).state == "done"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "SUCCESS", "handled_by": "王警官"}, "business.match"),
        ({**GOOD, "business": {**MATCHES, "life_status": "asleep"}}, "business.life_status"),
        ({**GOOD, "business": {**MATCHES, "checked_at": "2027-04-21"}}, "business.checked_at"),
        ({**GOOD, "business": {**MATCHES, "odd": 1}}, "business.odd"),
        ({**GOOD, "handled_on": "2027-04-21"}, "handled_on"),
        ({**GOOD, "handled_by": "王\x07警官"}, "handled_by"),
        ({"outcome": "ERROR", "handled_by": "王警官"}, "outcome"),
        ({"outcome": "FAILED", "handled_by": "王警官", "reason": "不行"}, "reason_code"),
        (
            {"outcome": "FAILED", "handled_by": "王警官", "reason": "不", "reason_code": "NO"},
            "reason",
        ),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field_and_nothing_is_kept(
    works: Works, answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(works, answers)
    assert field in refused.value.errors
    assert works.rows(Feedback) == []
    assert works.call().state == "accepted"


def test_an_answer_the_diagram_has_no_way_for_is_refused_in_the_form(works: Works) -> None:
    check = operations.get("police/household_check")
    register = OperationRegister()
    register.add(replace(check, refusals={**check.refusals, "MOVED": "户籍已迁出"}))
    runtime = replace(works.stage.runtime, operations=register)
    answers = {
        "outcome": "FAILED",
        "reason_code": "MOVED",
        "reason": "迁往外省",
        "handled_by": "王",
    }
    task = desk(works)
    with pytest.raises(Invalid) as refused:
        submit_form(runtime, task.id, task.revision, answers, works.stage.li)
    assert "没有为这一情形安排" in refused.value.errors["reason_code"]
    assert works.rows(Feedback) == [] and works.rows(Incident) == []
    assert works.call().state == "accepted"


def test_a_supplement_stops_the_clock_and_the_work_item_stays(works: Works) -> None:
    enter(works, {"outcome": "SUPPLEMENT", "reason": "请提供户口簿", "handled_by": "王警官"})
    assert works.call().state == "accepted"
    assert desk(works).due_at is None
    enter(works, {"outcome": "ACCEPTED", "handled_by": "王警官"})
    enter(works, GOOD)
    assert works.call().state == "succeeded"
    assert [row.state for row in works.rows(Feedback)][-1] == "applied"


def test_a_page_opened_before_the_last_answer_is_stale(works: Works) -> None:
    task = desk(works)
    enter(works, {"outcome": "ACCEPTED", "handled_by": "王警官"})
    with pytest.raises(StaleRevision):
        submit_form(works.stage.runtime, task.id, task.revision, GOOD, works.stage.li)


def test_pressing_twice_enters_one_answer(works: Works) -> None:
    task = desk(works)
    noted = {"outcome": "ACCEPTED", "handled_by": "王警官"}
    for answers in (noted, GOOD):
        for _ in range(2):
            revision = 0 if answers is noted else 1
            key = answers["outcome"]
            submit_form(works.stage.runtime, task.id, revision, answers, works.stage.li, key)
    assert len(works.rows(Feedback)) == 2


def test_others_neither_see_nor_answer_it(works: Works) -> None:
    clerk = works.stage.account("gjj", "高翔", "staff", roles=("fund_clerk",))
    for actor in (clerk, works.stage.ming, works.stage.wang):
        with pytest.raises(NotFound):
            enter(works, GOOD, actor)


def test_cancelling_the_case_closes_the_work_item_and_tells_nobody_else(works: Works) -> None:
    task = desk(works)
    withdraw(works)
    works.pump()
    with works.stage.runtime.reading() as session:
        assert session.get_one(WorkItem, task.id).state == "cancelled"
    assert [timer for timer in works.rows(Timer) if timer.kind == "cancel"] == []
    assert works.attempts() == [("send", "handed_over")]


def test_a_change_of_mode_leaves_what_was_handed_over_on_its_way(works: Works) -> None:
    with works.stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(mode="api"))
    enter(works, GOOD)
    assert works.call().mode == "manual"


def test_an_incident_of_an_agency_never_reached_is_retried_the_new_way(works: Works) -> None:
    """The interface was down until we gave up; meanwhile an administrator chose the desk."""
    with works.stage.runtime.transaction() as session:
        session.execute(update(ServiceAttempt).values(outcome="unavailable"))
        call = session.scalars(select(ServiceCall)).one()
        call.state, call.mode = "stuck", "api"
        session.execute(update(WorkItem).where(WorkItem.kind == "call").values(state="cancelled"))
        incident = Incident(
            case_id=call.case_id, kind="call", ref=str(call.id), title="", message="",
            opened_at=works.stage.clock.now(),
        )  # fmt: skip
        session.add(incident)
        session.flush()
        incident_id = incident.id
    retry_incident(works.stage.runtime, incident_id, "改为人工登记", works.stage.li)
    works.pump()
    assert (works.call().state, works.call().mode) == ("accepted", "manual")
    desk(works)
    with works.stage.runtime.transaction() as session:  # the incident was planted, not told of
        session.delete(session.get_one(Incident, incident_id))


@pytest.mark.parametrize("operation", list(operations), ids=lambda one: one.code)
def test_the_forms_of_every_operation_are_sound_and_say_what_its_model_takes(
    operation: Any,
) -> None:
    form = reply_form(operation)
    assert check_schema(form.schema, form.ui) == []
    assert check_schema(request_form(operation).schema, {}) == []
    block = sample(operation.reply, NOON)
    days = {key: value[:10] if "T" in f"{value}"[10:11] else value for key, value in block.items()}
    answers = {"outcome": "SUCCESS", "handled_by": "经办人", "business": days}
    request_id = "018f0000-0000-7000-8000-000000000000"
    envelope, result = reply_of(operation, request_id, answers, NOON)
    assert envelope["business"] == dict(result.business)
    assert result.business.keys() == operation.reply.model_fields.keys()
