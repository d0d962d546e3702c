"""A batch finds whom it is about, begins a case for each, and learns when the last has ended."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.clock import at
from engine.commands.select_members import select_members, send_to_members
from engine.commands.sweep import sweep
from engine.models import Case, FileSection, Member, MessageInbox, ServiceCall, Timer
from engine.people import find_file, record_sections, register_person
from engine.queries.audit import audit
from engine.queries.members import member_lines
from engine.starts import schedule_starts
from handlers.jobs import Exchange, Jobs
from tests.conftest import Database
from tests.engine.bpmn import Process, message, timer
from tests.engine.test_messages_and_starts import LANE, NOTE, pack_of
from tests.stage import RETIREE, Stage

SETTINGS = """
[selections.employees]
title = "单位职工"
when = 'person.employment == "employee"'

[file_timers.birthday]
title = "记录日"
at = 'at(reminder.text, 9)'
when = 'reminder.text != None'
starts = "visiting"
repeat_months = 1

[sections.reminder]
schema_file = "note.schema.json"

[processes.visiting]
title = "走访"
"""


def roll_call() -> Process:
    return (
        Process("roll_call", LANE)
        .node("startEvent", "due", timer('at("2027-12-01", 9)'), name="十二月一日")
        .service(
            "choose",
            "platform/select",
            {"selection": '"employees"'},
            properties={"section": "chosen"},
        )
        .service(
            "tell", "platform/tell_each", {"message": '"visit"'}, properties={"section": "told"}
        )
        .node("intermediateCatchEvent", "all_done", message("members_done"), name="全部办完")
        .service("sum_up", "platform/sum_up", {}, properties={"section": "summed"})
        .node("endEvent", "finished", name="已汇总")
        .path("due", "choose", "tell", "all_done", "sum_up", "finished")
    )


def visiting() -> Process:
    return (
        Process("visiting", LANE)
        .node("startEvent", "visited", message("visit"), name="收到")
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("visited", "write_note", "noted")
    )


@pytest.fixture
def stage(database: Database) -> Stage:
    pack = pack_of(roll_call(), visiting(), more=SETTINGS, messages="visit members_done")
    stage = Stage(database.engine, pack)
    with stage.runtime.transaction() as session:
        for number, flexible in ((1, False), (2, False), (3, True)):
            facts = {**RETIREE, "name": f"职工{number}", "id_no": NUMBERS[number]}
            if flexible:
                facts |= {"employment": "flexible"}
            register_person(stage.runtime, session, "jilin", facts)
        release = stage.runtime.releases.active(session, "jilin", stage.clock.now())
        schedule_starts(stage.runtime, session, release)
    return stage


NUMBERS = {1: "220199196501150011", 2: "220199196609030038", 3: "220199196611200016"}


def work(stage: Stage) -> None:
    """Do all that is due and deferred."""
    jobs = Jobs(stage.runtime, Exchange(b"x" * 32, loopback=True), "http://127.0.0.1:1")
    for _ in range(50):
        sweep(stage.runtime, stalled_after=timedelta(seconds=-1))
        waiting, stage.queue.jobs = stage.queue.jobs, []
        if not waiting:
            return
        for job, ident in waiting:
            jobs.run(job, ident)


def all_of(stage: Stage, table: Any) -> list[Any]:
    with stage.runtime.reading() as session:
        order = list(table.__table__.primary_key.columns)
        return list(session.scalars(select(table).order_by(*order)))


def test_a_batch_begins_a_case_for_everybody_it_is_about_and_sums_up(stage: Stage) -> None:
    stage.clock.set(at(date(2027, 12, 1), 10))
    work(stage)

    batch, *begun = all_of(stage, Case)
    assert [case.subject for case in begun] == ["职工1", "职工2"]
    assert {case.parent_id for case in begun} == {batch.id}
    with stage.runtime.reading() as session:
        lines = member_lines(session, batch.id)
    assert [(line.name, line.case and line.case.process) for line in lines] == [
        ("职工1", "visiting"),
        ("职工2", "visiting"),
    ]

    for _ in begun:
        stage.submit("write_note", stage.li, {"text": "好"})
        work(stage)

    batch, *begun = all_of(stage, Case)
    assert [case.status for case in begun] == ["closed", "closed"]
    assert batch.outcome == "finished"
    assert audit(stage.runtime) == []


def test_a_repeated_call_neither_chooses_nor_tells_anybody_twice(stage: Stage) -> None:
    stage.clock.set(at(date(2027, 12, 1), 10))
    work(stage)
    before = len(all_of(stage, Member)), len(all_of(stage, MessageInbox)), len(all_of(stage, Case))

    for call in all_of(stage, ServiceCall):
        assert select_members(stage.runtime, call.id, "employees") == 2
        assert send_to_members(stage.runtime, call.id, "visit") == 2
    work(stage)

    after = len(all_of(stage, Member)), len(all_of(stage, MessageInbox)), len(all_of(stage, Case))
    assert before == after


def test_a_day_of_a_person_file_begins_a_process_and_comes_again(stage: Stage) -> None:
    _note(stage, "2027-04-25")
    stage.clock.set(at(date(2027, 4, 25), 9))
    work(stage)

    (case,) = all_of(stage, Case)
    assert (case.process, case.subject, case.channel) == ("visiting", "职工1", "系统")
    waiting = [one for one in all_of(stage, Timer) if one.kind == "file" and not one.fired_at]
    assert [one.due_at for one in waiting] == [at(date(2027, 5, 25), 9)]

    stage.clock.set(at(date(2027, 5, 25), 9))
    work(stage)
    about = [case for case in all_of(stage, Case) if case.subject == "职工1"]
    assert [case.process for case in about] == ["visiting"], "one is still running"


def test_a_moved_day_moves_the_timer_and_a_past_day_does_not_fire_again(stage: Stage) -> None:
    _note(stage, "2027-04-25")
    _note(stage, "2027-04-28")
    waiting = [one for one in all_of(stage, Timer) if one.kind == "file"]
    assert [one.due_at for one in waiting] == [at(date(2027, 4, 28), 9)]

    stage.clock.set(at(date(2027, 4, 28), 9))
    work(stage)
    stage.submit("write_note", stage.li, {"text": "好"})
    _note(stage, "2027-04-26")
    work(stage)

    assert len(all_of(stage, Case)) == 1
    assert len(all_of(stage, FileSection)) == 3


def _note(stage: Stage, day: str) -> None:
    with stage.runtime.transaction() as session:
        found = find_file(stage.runtime, session, "jilin", NUMBERS[1])
        assert found is not None
        record_sections(stage.runtime, session, found[0], {"reminder": {"text": day}}, "名册")
