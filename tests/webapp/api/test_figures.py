"""Figures, and whether work flows."""

from datetime import timedelta

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from engine.clock import SystemClock
from engine.jobs import ATTEMPT_CALL, ProcrastinateQueue
from engine.models import Case, Timer
from engine.settings import Settings
from engine.wiring import make_queue_app
from tests.conftest import Database
from tests.handlers.stories import apply_for_everything
from tests.stage import RETIREE, Stage
from tests.webapp.api.conftest import As
from tests.webapp.api.people import register


def test_statistics_count_by_region(stage: Stage, signed_in: As) -> None:
    register(stage, 3)

    figures = signed_in("xiaoli").get("statistics").json

    assert [(c["process"], c["status"], c["count"]) for c in figures["cases"]] == [
        ("record_prereview", "running", 3)
    ]
    assert [(t["role"], t["open"], t["overdue"]) for t in figures["tasks"]] == [
        ("hrss_reviewer", 3, 0)
    ]
    nothing = {"cases": [], "tasks": [], "calls": [], "incidents": []}
    assert signed_in("laowang").get("statistics").json == nothing
    assert signed_in("aming").get("statistics").status_code == 403


def test_overdue_tasks_and_waiting_calls_are_counted(stage: Stage, signed_in: As) -> None:
    apply_for_everything(stage)
    stage.start("record_prereview", stage.li, {**RETIREE, "id_no": "220199196611201019"})
    with stage.runtime.transaction() as session:
        session.execute(text("update work_item set due_at = :at where state = 'open'"),
                        {"at": stage.clock.now() - timedelta(minutes=1)})  # fmt: skip

    figures = signed_in("xiaoli").get("statistics").json

    assert [t["overdue"] for t in figures["tasks"]] == [1]
    assert [(c["agency"], c["state"]) for c in figures["calls"]] == [("police", "queued")]


def test_health_needs_no_account(signed_in: As) -> None:
    answer = signed_in().get("health")

    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["oldest_job_seconds"] == answer.json["oldest_timer_seconds"] == 0


def test_health_tells_of_jobs_and_timers_nobody_works(
    stage: Stage, database_settings: Settings, signed_in: As
) -> None:
    apply_for_everything(stage)
    with stage.runtime.transaction() as session:
        ProcrastinateQueue(make_queue_app(database_settings)).defer(
            session, ATTEMPT_CALL, [session.query(Case.id).limit(1).scalar()]
        )
    assert signed_in().get("health").json["waiting_jobs"] == 1

    with stage.runtime.transaction() as session:
        session.execute(text("update procrastinate_events set at = at - interval '5 minutes'"))
        session.add(Timer(kind="bpmn", ref="x", due_at=stage.clock.now() - timedelta(minutes=3)))
    found = signed_in().get("health").json

    assert found["status"] == "late"
    assert 300 <= found["oldest_job_seconds"] < 400
    assert found["oldest_timer_seconds"] >= 180


def test_a_lost_database_makes_health_503(stage: Stage, database: Database, signed_in: As) -> None:
    before = signed_in().get("health")
    elsewhere = database.engine.url.set(database=f"{database.name}_gone")
    stage.runtime.sessions.configure(bind=create_engine(elsewhere, poolclass=NullPool))

    after = signed_in().get("health")

    assert (before.status_code, after.status_code) == (200, 503)
    assert after.json["code"] == "Busy"


def test_metrics_are_for_administrators(stage: Stage, signed_in: As) -> None:
    register(stage, 2)

    stranger = signed_in().get("/metrics")
    shown = signed_in("xiaoli").get("/metrics")

    assert stranger.status_code == 401
    assert stranger.headers["WWW-Authenticate"].startswith("Basic")
    assert signed_in("aming").get("/metrics").status_code == 403
    assert shown.status_code == 200
    assert 'yijianshi_open_tasks{region="jilin",role="hrss_reviewer"} 2' in shown.text.splitlines()
    for line in shown.text.splitlines():
        name, _, value = line.rpartition(" ")
        assert line.startswith("# ") or (name.startswith("yijianshi_") and float(value) >= 0)


def test_real_time_is_what_the_queue_goes_by(stage: Stage, signed_in: As) -> None:
    """The stage's clock stands still in 2027; the age of jobs does not come from it."""
    assert stage.clock.now() > SystemClock().now()
    assert signed_in().get("health").json["oldest_job_seconds"] == 0
