"""Messages between cases, messages that come early, and cases that begin by themselves."""

import json
import re
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from engine import jobs
from engine.clock import at
from engine.commands.deliver_message import deliver_message, deliver_waiting_message
from engine.commands.fire_timer import fire_timer
from engine.errors import Conflict
from engine.models import Case, MessageInbox, PersonFile, Timer, WorkItem
from engine.packs.pack import Pack
from engine.queries.audit import audit
from engine.starts import schedule_starts
from tests.conftest import Database
from tests.engine.bpmn import Process, document, message, timer
from tests.stage import JILIN, RETIREE, Stage

NOTE = {"formJsonSchemaFilename": "note.schema.json", "section": "note"}
FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "记录",
    "type": "object",
    "properties": {"text": {"type": "string", "title": "内容", "maxLength": 20}},
    "additionalProperties": False,
}
LANE = "社保局"


def waiting(key: str = "waiting") -> Process:
    """Waits for ``go``, then for a person."""
    return (
        Process("waiting", LANE)
        .start()
        .node("intermediateCatchEvent", "wait_for_go", message("go"), name="等待")
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("begin", "wait_for_go", "write_note", "noted")
    )


def telling() -> Process:
    """Ends by sending ``go``."""
    return (
        Process("telling", LANE)
        .start()
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "told", message("go"), name="已告知")
        .path("begin", "write_note", "told")
    )


def beginning_with_message() -> Process:
    return (
        Process("follow_up", LANE)
        .node("startEvent", "called", message("call_up"), name="收到")
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("called", "write_note", "noted")
    )


def beginning_by_time() -> Process:
    return (
        Process("monthly", LANE)
        .node(
            "startEvent",
            "month_begins",
            timer("at(months_after(first_of_month(today()), 1), 9)"),
            name="每月 1 日",
        )
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("month_begins", "write_note", "noted")
    )


def pack_of(*processes: Process, more: str = "", messages: str = "go call_up") -> Pack:
    """Jilin's settings with other diagrams; ``waiting`` and ``telling`` are started by staff."""
    settings = JILIN.files["processes/jilin/region.toml"].decode()
    head = settings[: settings.index("[processes.joint_case]")]
    head = head[: head.index("[items.pension]")] + head[head.index("[deadlines.approval]") :]
    head = head[: head.index("[deadlines.approval]")] + head[head.index("[parameters.") :]
    head = head[: head.index("[file_timers.")]
    head = re.sub(r', office = "[^"]*"', "", head)  # of sections these diagrams do not have
    for process in {"waiting", "telling"} & {one.id for one in processes}:
        head += (
            f'\n[processes.{process}]\ntitle = "{process}"\nstart_form = "person_file"\n'
            'opens_file = true\nstaff_roles = ["hrss_reviewer"]\n'
            f'[processes.{process}.entries]\nstaff = "窗口"\n'
        )
    files = {
        "processes/jilin/region.toml": (head + more).encode(),
        "processes/jilin/clauses.csv": JILIN.files["processes/jilin/clauses.csv"],
        "forms/jilin/note.schema.json": json.dumps(FORM).encode(),
        "forms/jilin/person_file.schema.json": JILIN.files["forms/jilin/person_file.schema.json"],
        "forms/jilin/person_file.ui.json": JILIN.files["forms/jilin/person_file.ui.json"],
    }
    for process in processes:
        drawing = document(process, messages=messages, drawn=True)
        files[f"processes/jilin/{process.id}.bpmn"] = drawing
    return Pack("jilin", files)


@pytest.fixture
def stage(database: Database) -> Stage:
    pack = pack_of(waiting(), telling(), beginning_with_message(), beginning_by_time())
    return Stage(database.engine, pack)


def run_jobs(stage: Stage) -> None:
    while stage.queue.jobs:
        job, ident = stage.queue.jobs.pop(0)
        assert job == jobs.DELIVER_WAITING
        deliver_waiting_message(stage.runtime, ident)


def all_of(stage: Stage, table: Any) -> list[Any]:
    with stage.runtime.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def file_key(stage: Stage) -> str:
    return str(all_of(stage, PersonFile)[0].id)


def test_a_message_of_one_case_wakes_the_other(stage: Stage) -> None:
    stage.start("waiting", stage.li, RETIREE)
    stage.start("telling", stage.li, RETIREE)

    stage.submit("write_note", stage.li, {"text": "好"})
    run_jobs(stage)

    assert [case.process for case in all_of(stage, Case) if case.status == "closed"] == ["telling"]
    assert stage.tasks()["write_note"].process == "waiting"
    assert audit(stage.runtime) == []


def test_a_message_that_comes_early_waits_for_its_receiver(stage: Stage) -> None:
    stage.start("telling", stage.li, RETIREE)
    stage.submit("write_note", stage.li, {"text": "好"})
    run_jobs(stage)
    assert [m.state for m in all_of(stage, MessageInbox)] == ["waiting"]

    stage.start("waiting", stage.li, RETIREE)
    run_jobs(stage)

    assert [m.state for m in all_of(stage, MessageInbox)] == ["delivered"]
    assert "write_note" in stage.tasks()
    assert audit(stage.runtime) == []


@pytest.mark.parametrize("order", list(permutations(["wait", "tell", "repeat"])))
def test_in_whatever_order_things_happen_the_message_counts_once(
    stage: Stage, order: tuple[str, ...]
) -> None:
    stage.start("telling", stage.li, RETIREE)  # opens the person file
    for event in order:
        if event == "wait":
            stage.start("waiting", stage.li, RETIREE)
        else:
            deliver_message(stage.runtime, "go", file_key(stage), "one and the same")
        run_jobs(stage)

    assert [m.state for m in all_of(stage, MessageInbox)] == ["delivered"]
    open_tasks = [task for task in all_of(stage, WorkItem) if task.state == "open"]
    assert {task.process for task in open_tasks} == {"telling", "waiting"}
    assert audit(stage.runtime) == []


def test_a_person_has_one_running_case_of_a_process(stage: Stage) -> None:
    stage.start("waiting", stage.li, RETIREE)
    with pytest.raises(Conflict, match="不能重复申请"):
        stage.start("waiting", stage.li, RETIREE)
    assert len(all_of(stage, Case)) == 1


def test_a_message_opens_a_case_whose_process_begins_with_it(stage: Stage) -> None:
    stage.start("telling", stage.li, RETIREE)

    first = deliver_message(stage.runtime, "call_up", file_key(stage), "m1")
    again = deliver_message(stage.runtime, "call_up", file_key(stage), "m1")

    assert (first, again) == ("delivered", "duplicate")
    opened = [case for case in all_of(stage, Case) if case.process == "follow_up"]
    assert [case.subject for case in opened] == [RETIREE["name"]]
    assert audit(stage.runtime) == []


def test_a_message_about_nobody_is_kept(stage: Stage) -> None:
    assert deliver_message(stage.runtime, "call_up", "no such file", "m1") == "waiting"
    assert all_of(stage, Case) == []


def test_a_process_begins_by_itself_once_a_month(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.active(session, "jilin", stage.clock.now())
        schedule_starts(stage.runtime, session, release)
        schedule_starts(stage.runtime, session, release)
    (first,) = all_of(stage, Timer)
    assert first.due_at == at(date(2027, 5, 1), 9)
    assert not fire_timer(stage.runtime, first.id)

    stage.clock.set(at(date(2027, 8, 20), 9))  # three months of standstill: one catch-up
    assert fire_timer(stage.runtime, first.id)
    assert not fire_timer(stage.runtime, first.id)

    assert [case.process for case in all_of(stage, Case)] == ["monthly"]
    assert [t.due_at for t in all_of(stage, Timer) if t.fired_at is None] == [
        at(date(2027, 9, 1), 9)
    ]
    assert audit(stage.runtime) == []
