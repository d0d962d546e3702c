"""From a waiting call to the agency and back, on real parts: database, process, HTTP, feedback."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from sqlalchemy import select, update

from engine.commands.deliver_message import deliver_message
from engine.commands.store_feedback import store_feedback
from engine.commands.sweep import sweep
from engine.models import (
    AgencySetting,
    Case,
    Feedback,
    Incident,
    ServiceAttempt,
    ServiceCall,
    Timer,
)
from engine.queries.audit import audit
from handlers.adapters.api import ApiAdapter
from handlers.envelope import Request
from handlers.jobs import Exchange, Jobs
from handlers.signature import agency_key, verify
from tests.conftest import Database
from tests.handlers.conftest import SECRET, Sandbox, serving
from tests.handlers.stories import apply_for_everything
from tests.stage import Stage

CHECK_HOUSEHOLD = "police/household_check"


@dataclass
class Works:
    """A stage whose jobs are really done, with the sandbox on the other end of the wire."""

    stage: Stage
    sandbox: Sandbox
    jobs: Jobs

    def pump(self) -> None:
        """Do all jobs, and those they defer."""
        while self.stage.queue.jobs:
            self.jobs.run(*self.stage.queue.jobs.pop(0))

    def pass_time(self, seconds: float) -> None:
        """Let time pass for us and for the agencies; everything due happens."""
        self.stage.clock.advance(timedelta(seconds=seconds))
        self.sandbox.later(seconds)
        sweep(self.stage.runtime)
        self.pump()

    def rows(self, table: Any) -> list[Any]:
        with self.stage.runtime.reading() as session:
            return list(session.scalars(select(table)))

    def call(self) -> ServiceCall:
        """The household check."""
        (call,) = [c for c in self.rows(ServiceCall) if c.operation == CHECK_HOUSEHOLD]
        return call

    def attempts(self) -> list[tuple[str, str | None]]:
        attempts = sorted(self.rows(ServiceAttempt), key=lambda attempt: attempt.number)
        return [(attempt.kind, attempt.outcome) for attempt in attempts]


@pytest.fixture
def works(database: Database, sandbox: Sandbox) -> Iterator[Works]:
    stage = Stage(database.engine)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(endpoint=sandbox.address, mode="api"))
    web = Flask("web")

    @web.post("/api/v1/service-calls/<uuid:call_id>/feedback")
    def feedback(call_id: UUID) -> tuple[str, int]:
        key = agency_key(SECRET, "police")
        verify(key, "POST", request.path, request.get_data(), dict(request.headers))
        store_feedback(stage.runtime, call_id, request.get_data(), "callback")
        return "", 202

    with serving(web) as address:
        works = Works(stage, sandbox, Jobs(stage.runtime, Exchange(SECRET, loopback=True), address))
        apply_for_everything(stage)
        yield works
    assert audit(stage.runtime) == []


def test_an_answer_at_once_takes_the_case_on(works: Works) -> None:
    works.pump()
    assert works.call().state == "succeeded"
    assert works.attempts() == [("send", "answered")]
    assert [line["effects"] for line in works.sandbox.office.audit()] == [1]
    assert "submit_application" not in works.stage.tasks()


def test_feedback_that_comes_later_takes_the_case_on(works: Works) -> None:
    works.sandbox.tell("accept")
    works.pump()
    assert works.call().state == "accepted"
    works.pass_time(5)
    assert works.call().state == "succeeded"


def test_duplicate_feedback_is_recorded_and_changes_nothing(works: Works) -> None:
    works.sandbox.tell("duplicate")
    works.pump()
    works.pass_time(5)
    assert works.call().state == "succeeded"
    assert sorted(row.state for row in works.rows(Feedback)) == [
        "applied",
        "duplicate",
        "duplicate",
        "noted",
    ]


def test_an_agency_that_is_down_is_tried_again_until_it_is_back(works: Works) -> None:
    with works.stage.runtime.transaction() as session:
        session.execute(update(ServiceCall).values(patience=None))
    works.sandbox.office.instructions.switch_outage("police", True)
    works.pump()
    assert works.call().state == "queued"
    works.pass_time(11)
    works.pass_time(31)
    assert works.attempts() == [("send", "unavailable")] * 3
    works.sandbox.office.instructions.switch_outage("police", False)
    works.pass_time(61)
    assert works.call().state == "succeeded"


def test_silence_is_asked_about_before_anything_is_sent_again(works: Works) -> None:
    quick = Exchange(
        SECRET, lambda address, key: works.sandbox.adapter(CHECK_HOUSEHOLD, answer_seconds=0.2)
    )
    works.jobs = Jobs(works.stage.runtime, quick, "http://127.0.0.1:1")
    works.sandbox.tell("hang")
    works.pump()
    assert works.call().state == "unknown"
    works.pass_time(11)
    assert works.attempts() == [("send", "unknown"), ("ask", "answered")]
    assert works.call().state in ("accepted", "succeeded")
    (line,) = works.sandbox.office.audit()
    assert line["received"] == 1


def test_a_request_the_agency_never_got_is_sent_again(works: Works) -> None:
    with works.stage.runtime.transaction() as session:
        session.execute(update(ServiceCall).values(state="unknown"))
    works.pump()
    works.pass_time(1)
    assert works.attempts() == [("ask", "absent"), ("send", "answered")]
    assert works.call().state == "succeeded"


def test_an_unreadable_answer_waits_for_a_person_and_the_case_lives(works: Works) -> None:
    works.sandbox.tell("garbage")
    works.pump()
    assert works.call().state == "stuck"
    (incident,) = works.rows(Incident)
    assert "无法识别" in incident.message
    assert [case.status for case in works.rows(Case) if case.process == "joint_case"] == ["running"]


def withdraw(works: Works) -> None:
    (case,) = [case for case in works.rows(Case) if case.process == "joint_case"]
    for key in (str(case.id), str(case.file_id)):
        deliver_message(works.stage.runtime, "withdraw", key, f"withdraw-{key}")
    assert works.call().state == "cancelled"


def test_cancelling_an_accepted_call_tells_the_agency(works: Works) -> None:
    works.sandbox.tell("wait")
    works.pump()
    withdraw(works)
    works.pump()
    (line,) = works.sandbox.office.audit()
    assert line["cancelled"] is True
    assert works.attempts() == [("send", "answered"), ("cancel", "told")]


def test_an_agency_is_told_even_if_the_job_that_should_do_it_is_lost(works: Works) -> None:
    works.sandbox.tell("wait")
    works.pump()
    withdraw(works)
    works.stage.queue.jobs.clear()
    works.pass_time(61)
    (line,) = works.sandbox.office.audit()
    assert line["cancelled"] is True
    assert works.attempts() == [("send", "answered"), ("cancel", "told")]
    works.pass_time(61)
    assert len(works.attempts()) == 2


def test_an_agency_that_is_down_is_told_when_it_is_back(works: Works) -> None:
    works.sandbox.tell("wait")
    works.pump()
    works.sandbox.office.instructions.switch_outage("police", True)
    withdraw(works)
    works.pump()
    assert works.attempts()[-1] == ("cancel", "unavailable")
    works.sandbox.office.instructions.switch_outage("police", False)
    works.pass_time(11)
    assert works.attempts()[-1] == ("cancel", "told")
    assert not [
        timer for timer in works.rows(Timer) if timer.kind == "cancel" and not timer.fired_at
    ]


def test_a_call_that_was_never_sent_is_cancelled_in_silence(works: Works) -> None:
    withdraw(works)
    works.pump()
    assert works.attempts() == []
    assert works.sandbox.office.audit() == []


def test_late_feedback_is_recorded_and_changes_nothing(works: Works) -> None:
    works.sandbox.tell("late", delay_seconds=60)
    works.pump()
    withdraw(works)
    works.pump()
    works.pass_time(61)
    assert works.call().state == "cancelled"
    assert [row.state for row in works.rows(Feedback)] == ["noted", "late"]


def test_an_answer_that_crosses_a_withdrawal_has_the_agency_told(works: Works) -> None:
    """The agency was told while our request was still on its way to it."""

    class Crossing(ApiAdapter):
        def send(self, request: Request) -> bytes:
            answer = super().send(request)
            withdraw(works)
            return answer

    works.sandbox.tell("wait")
    job = works.stage.queue.jobs.pop()
    Jobs(works.stage.runtime, Exchange(SECRET, partial(Crossing, loopback=True)), "").run(*job)
    # this job stands for the cancellation that came too early; the answer alone must do
    works.stage.queue.jobs = [job for job in works.stage.queue.jobs if job[0] != "cancel_call"]
    works.pump()
    assert works.attempts() == [("send", "answered"), ("cancel", "told")]


def test_an_answer_whose_reader_died_is_found_by_the_sweep(works: Works) -> None:
    class Dying(Jobs):
        def apply_feedback(self, feedback_id: UUID) -> None:
            raise SystemExit

    with pytest.raises(SystemExit):
        Dying(works.stage.runtime, Exchange(SECRET, loopback=True), "").run(
            *works.stage.queue.jobs.pop()
        )
    assert [row.state for row in works.rows(Feedback)] == ["stored"]
    works.pass_time(61)
    assert works.call().state == "succeeded"
