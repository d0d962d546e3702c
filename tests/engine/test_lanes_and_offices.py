"""Whose work a step is: the lane that calls, the counter a case began at, offices of many kinds."""

from datetime import date

import pytest
from sqlalchemy import select

from engine.access import Grant
from engine.clock import at
from engine.commands.fire_timer import fire_timer
from engine.errors import Forbidden
from engine.models import Case, Notice, Timer
from engine.packs.pack import Pack
from engine.packs.release import seed_offices
from engine.people import register_person
from engine.queries.regions import startable
from engine.starts import schedule_starts
from tests.conftest import Database
from tests.engine.bpmn import Process, timer
from tests.engine.test_messages_and_starts import NOTE, pack_of
from tests.stage import RETIREE, Stage

ASKING, SHARED = "人社局审批岗", "补正"
SETTINGS = """
[lanes."补正"]
role = "si_clerk"
follows_call = true

[offices.county]
title = "县中心"
level = "county"
kind = "agent notifier"

[offices.town]
title = "镇所"
level = "township"
kind = "agent"
parent = "county"

[offices.village]
title = "村委会"
level = "community"
kind = "agent"
parent = "town"

[deadlines.fifth]
title = "每月5日前"
budget = 5
unit = "month_day"
remind_working_days_before = [3, 0]
remind_notice = "hurry"
remind_to = "clerk"

[processes.quarterly]
title = "季度告知"
per_office = "notifier"

[processes.reviewing]
title = "审查"
start_form = "person_file"
opens_file = true
staff_roles = ["hrss_reviewer"]
employees = true
[processes.reviewing.entries]
staff = "窗口"
person = "个人"
"""


def reviewing() -> Process:
    return (
        Process("reviewing", ASKING)
        .start()
        .call("ask", "shared", name="补正")
        .node("endEvent", "reviewed", name="已审查")
        .path("begin", "ask", "reviewed")
    )


def shared() -> Process:
    return (
        Process("shared", SHARED)
        .start("shared_begin")
        .node("userTask", "write_note", properties={**NOTE, "deadline": "fifth"}, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("shared_begin", "write_note", "noted")
    )


def quarterly() -> Process:
    return (
        Process("quarterly", "社保局")
        .node("startEvent", "due", timer('at("2027-12-01", 9)'), name="十二月一日")
        .node("userTask", "look", properties=NOTE, name="核对")
        .node("endEvent", "looked", name="已核对")
        .path("due", "look", "looked")
    )


@pytest.fixture
def stage(database: Database) -> Stage:
    made = pack_of(reviewing(), shared(), quarterly(), more=SETTINGS)
    hurry = {"processes/jilin/notices/hurry.txt": "请按时报送\n\n材料请按时报送。\n".encode()}
    stage = Stage(
        database.engine, Pack("jilin", {**made.files, **hurry}), at(date(2026, 9, 20), 10)
    )
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.active(session, "jilin", stage.clock.now())
        seed_offices(session, release.config)
    return stage


def test_a_shared_step_is_the_work_of_whoever_calls_it(stage: Stage) -> None:
    stage.start("reviewing", stage.li, RETIREE)

    assert stage.tasks()["write_note"].role == "hrss_approver"


def test_a_case_begun_at_a_counter_belongs_to_that_office(stage: Stage) -> None:
    clerk = stage.account("zhen", "镇所经办", "staff")
    rights = frozenset(Grant("hrss_reviewer", "jilin", office) for office in ("town", "village"))
    at_town = type(clerk)(clerk.account_id, clerk.name, clerk.kind, grants=rights)

    stage.start("reviewing", at_town, RETIREE)

    with stage.runtime.reading() as session:
        assert session.scalars(select(Case)).one().office == "town"


def test_employees_may_start_what_is_for_them_too(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        person = register_person(stage.runtime, session, "jilin", RETIREE)[1].id
        stranger = register_person(
            stage.runtime,
            session,
            "jilin",
            {**RETIREE, "name": "别人", "id_no": "220199196609030038"},
        )[1].id
    worker = stage.account("gr", "张建国", "person", person_id=person, verified=True)
    other = stage.account("gr2", "别人", "person", person_id=stranger, verified=True)

    assert [process for _, process, _ in startable(stage.runtime, worker)] == ["reviewing"]
    stage.start("reviewing", worker, RETIREE)
    with pytest.raises(Forbidden):
        stage.start("reviewing", other, RETIREE)


def test_a_batch_begins_in_every_office_that_is_of_its_kind_among_others(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.active(session, "jilin", stage.clock.now())
        schedule_starts(stage.runtime, session, release)
    stage.clock.set(at(date(2027, 12, 1), 9))
    let_happen(stage)

    with stage.runtime.reading() as session:
        assert [case.office for case in session.scalars(select(Case))] == ["county"]


def test_a_duty_is_called_to_mind_on_the_last_working_day_and_three_before(stage: Stage) -> None:
    stage.start("reviewing", stage.li, RETIREE)  # due on the fifth, in the holidays of October

    with stage.runtime.reading() as session:
        reminders = session.scalars(
            select(Timer.due_at).where(Timer.kind == "remind").order_by(Timer.due_at)
        ).all()
    assert reminders == [at(date(2026, 9, 24), 9), at(date(2026, 9, 30), 9)]
    stage.clock.set(at(date(2026, 9, 30), 9))
    let_happen(stage)
    with stage.runtime.reading() as session:
        assert [one.audience for one in session.scalars(select(Notice))] == ["clerk", "clerk"]


def let_happen(stage: Stage) -> None:
    """Let everything that is due happen."""
    with stage.runtime.reading() as session:
        due = session.scalars(select(Timer.id).where(Timer.due_at <= stage.clock.now())).all()
    for timer_id in due:
        fire_timer(stage.runtime, timer_id)
