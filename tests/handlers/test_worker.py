"""The worker as its own process: it works, survives, and what it held is never lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from sqlalchemy import select, text, update

from engine.clock import office_date
from engine.commands.store_feedback import store_feedback
from engine.demo_clock import KEY
from engine.jobs import ProcrastinateQueue
from engine.models import AgencySetting, ServiceAttempt, ServiceCall, Setting
from engine.queries.audit import audit
from engine.settings import Settings
from engine.wiring import make_queue_app
from tests.conftest import Database
from tests.handlers.conftest import SECRET, Sandbox, serving
from tests.handlers.stories import apply_for_everything
from tests.stage import Stage

PROGRAM = """
from engine.settings import Settings
from handlers import worker
worker.main(Settings.from_environment())
"""


@dataclass
class Plant:
    """A stage with the real queue, the sandbox, our feedback end point, and worker processes."""

    stage: Stage
    sandbox: Sandbox
    environment: dict[str, str]
    log: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def hire(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-c", PROGRAM], env=self.environment, stderr=log
            )
        self.workers.append(worker)
        return worker

    def call(self) -> ServiceCall:
        with self.stage.runtime.reading() as session:
            return session.scalars(select(ServiceCall)).one()

    def attempts(self) -> list[tuple[str, str | None]]:
        with self.stage.runtime.reading() as session:
            rows = session.scalars(select(ServiceAttempt).order_by(ServiceAttempt.number))
            return [(row.kind, row.outcome) for row in rows]

    def until(self, true: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something is true, carrying feedback meanwhile."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.log.read_text()
            self.sandbox.later(1)
            time.sleep(0.1)


@pytest.fixture
def plant(
    database: Database, database_settings: Settings, sandbox: Sandbox, tmp_path: Path
) -> Iterator[Plant]:
    stage = Stage(database.engine)
    stage.runtime = replace(
        stage.runtime, queue=ProcrastinateQueue(make_queue_app(database_settings))
    )
    offset = (stage.clock.now() - datetime.now(UTC)).total_seconds()
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(endpoint=sandbox.address, mode="api"))
        session.add(Setting(key=KEY, value=offset))  # the workers' clock shows the stage's day
    web = Flask("web")

    @web.post("/api/v1/service-calls/<uuid:call_id>/feedback")
    def feedback(call_id: UUID) -> tuple[str, int]:
        store_feedback(stage.runtime, call_id, request.get_data(), "callback")
        return "", 202

    with serving(web) as address:
        settings = replace(database_settings, port=int(address.rsplit(":", 1)[1]))
        secrets: dict[str, Any] = {
            "YIJIANSHI_MASTER_KEY": (b"m" * 32).hex(),
            "YIJIANSHI_INDEX_KEY": (b"s" * 32).hex(),
            "YIJIANSHI_SESSION_SECRET": "33" * 32,
            "YIJIANSHI_AGENCY_SECRET": SECRET.hex(),
        }
        environment = os.environ | settings.as_environment() | secrets
        plant = Plant(stage, sandbox, environment, tmp_path / "worker.log")
        try:
            apply_for_everything(stage)
            yield plant
        finally:
            for worker in plant.workers:
                worker.kill()
                worker.wait()
    assert audit(stage.runtime) == []


def test_a_worker_brings_a_call_to_its_end(plant: Plant) -> None:
    plant.sandbox.tell("accept")
    plant.hire()
    plant.until(lambda: plant.call().state == "succeeded")
    with plant.stage.runtime.reading() as session:
        left = session.scalar(text("select count(*) from procrastinate_jobs"))
    assert left == 0
    assert "Traceback" not in plant.log.read_text()


def test_a_worker_killed_on_the_wire_loses_and_doubles_nothing(plant: Plant) -> None:
    plant.sandbox.tell("hang", delay_seconds=86400)
    first = plant.hire()
    plant.until(lambda: plant.sandbox.office.audit() != [])
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert plant.call().state == "sending"
    plant.hire()
    plant.until(lambda: plant.call().state == "accepted")
    assert plant.attempts() == [("send", None), ("ask", "answered")]
    plant.sandbox.later(86400)
    plant.until(lambda: plant.call().state == "succeeded")
    (line,) = plant.sandbox.office.audit()
    assert (line["received"], line["effects"]) == (1, 1)


def test_a_job_taken_by_a_worker_that_died_is_freed(plant: Plant) -> None:
    """Two jobs wait; the worker dies with both in its hands."""
    with plant.stage.runtime.transaction() as session:
        session.execute(
            text(
                "insert into procrastinate_workers (last_heartbeat)"
                " values (now() - interval '1 hour')"
            )
        )
        session.execute(
            text(
                "update procrastinate_jobs set status = 'doing', attempts = 1,"
                " worker_id = (select max(id) from procrastinate_workers)"
            )
        )
    plant.hire()
    plant.until(lambda: plant.call().state == "succeeded")


def test_a_lost_job_is_found_by_the_sweep(plant: Plant) -> None:
    with plant.stage.runtime.transaction() as session:
        session.execute(text("delete from procrastinate_jobs"))
    plant.hire()
    plant.until(lambda: plant.call().state == "succeeded")


def test_a_worker_outlives_its_database_connections(plant: Plant, database: Database) -> None:
    plant.sandbox.tell("accept")
    worker = plant.hire()
    plant.until(lambda: plant.call().state == "accepted")
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    plant.until(lambda: plant.call().state == "succeeded")
    assert worker.poll() is None


def test_a_worker_told_to_stop_finishes_what_it_does(plant: Plant) -> None:
    plant.sandbox.tell("hang")
    worker = plant.hire()
    plant.until(lambda: plant.sandbox.office.audit() != [])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=15) == 0
    assert plant.attempts() == [("send", "answered")]
    assert office_date(plant.call().changed_at) == office_date(plant.stage.clock.now())
