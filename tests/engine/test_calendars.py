"""Imported years: they win over files, all processes see them, and deadlines are counted again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.calendar import YearNotice, read_notice
from engine.calendars import Calendars
from engine.clock import CHINA, at
from engine.commands.fire_timer import fire_timer
from engine.commands.publish_calendar import publish_calendar
from engine.errors import Forbidden, NotFound
from engine.models import CaseEvent, Deadline, Timer, WorkItem
from engine.queries.audit import audit
from engine.starts import schedule_starts
from tests.conftest import Database
from tests.engine.bpmn import Process, timer
from tests.engine.test_messages_and_starts import LANE, NOTE, pack_of, telling
from tests.engine.test_messages_and_starts import waiting as waiting_process
from tests.engine.test_way_of_a_case import approved, rows
from tests.stage import ROOT, Stage

FOLDER = ROOT / "processes" / "calendar"


def notice(year: int, *holidays: tuple[str, str], title: str = "测试用放假通知") -> YearNotice:
    """An invented notice."""
    return read_notice(
        {
            "year": year,
            "title": title,
            "status": "published",
            "holidays": [{"name": "测试节", "from": first, "to": last} for first, last in holidays],
        }
    )


@pytest.fixture
def kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage with calendars that are read again at every look."""
    monkeypatch.setattr("engine.calendars.FRESH_SECONDS", -1.0)
    stage.runtime = replace(stage.runtime, calendars=Calendars(FOLDER, stage.runtime.sessions))
    yield stage


def fire(stage: Stage, kind: str) -> int:
    """Fire the due timers of a kind, and those they set."""
    fired = 0
    while True:
        with stage.runtime.reading() as session:
            ids = session.scalars(
                select(Timer.id).where(
                    Timer.kind == kind,
                    Timer.fired_at.is_(None),
                    Timer.due_at <= stage.clock.now(),
                )
            ).all()
        if not ids:
            return fired
        fired += sum(fire_timer(stage.runtime, one) for one in ids)


def deadline(stage: Stage, code: str) -> Deadline:
    (row,) = (row for row in rows(stage, Deadline) if row.code == code)
    return row


def day(moment: datetime) -> str:
    return moment.astimezone(CHINA).date().isoformat()


def waiting(stage: Stage, kind: str, ref: Any = None) -> list[Timer]:
    found = [t for t in rows(stage, Timer) if t.kind == kind and t.fired_at is None]
    return sorted((t for t in found if ref in (None, t.ref)), key=lambda t: t.due_at)


# ---------------------------------------------------------------- keeping


def test_every_folder_is_a_calendar_and_ningxia_has_no_days_of_its_own_yet(kept: Stage) -> None:
    calendars = kept.runtime.calendars
    assert sorted(calendars) == ["cn", "ningxia"]
    for n in range(365):
        one = date(2026, 1, 1) + timedelta(days=n)
        assert calendars["ningxia"].is_working_day(one) == calendars["cn"].is_working_day(one)


def test_an_imported_year_wins_over_its_file_in_every_process(kept: Stage) -> None:
    other = Calendars(FOLDER, kept.runtime.sessions)  # another process
    monday = date(2027, 3, 1)
    assert other["cn"].is_working_day(monday) and not other["cn"].published(2027)

    publish_calendar(kept.runtime, "cn", notice(2027, ("2027-03-01", "2027-03-02")), kept.li)

    for calendars in (kept.runtime.calendars, other):
        for code in ("cn", "ningxia"):
            assert calendars[code].published(2027)
            assert not calendars[code].is_working_day(monday)
            assert calendars[code].rests(monday) == "测试节"

    corrected = notice(2027, ("2027-03-02", "2027-03-02"))
    publish_calendar(kept.runtime, "cn", corrected, kept.li)
    assert other["cn"].is_working_day(monday)


def test_the_years_are_read_at_most_once_a_second(stage: Stage) -> None:
    calendars = Calendars(FOLDER, stage.runtime.sessions)
    first = calendars["cn"]
    publish_calendar(stage.runtime, "cn", notice(2027), stage.li)
    assert calendars["cn"] is first


def test_an_overlay_of_a_region_leaves_the_others_alone(
    kept: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "engine.commands.publish_calendar.administered_calendars", lambda *_: ["ningxia"]
    )
    publish_calendar(kept.runtime, "ningxia", notice(2033, ("2033-03-01", "2033-03-02")), kept.li)
    assert not kept.runtime.calendars["ningxia"].is_working_day(date(2033, 3, 1))
    assert kept.runtime.calendars["cn"].is_working_day(date(2033, 3, 1))
    assert not kept.runtime.calendars["ningxia"].published(2033)  # the national notice decides


def test_only_administrators_publish_and_only_calendars_of_theirs(kept: Stage) -> None:
    for actor, calendar in ((kept.ming, "cn"), (kept.wang, "cn"), (kept.li, "ningxia")):
        with pytest.raises(Forbidden):
            publish_calendar(kept.runtime, calendar, notice(2027), actor)
    with pytest.raises(NotFound):
        publish_calendar(kept.runtime, "atlantis", notice(2027), kept.li)


# ---------------------------------------------------------------- counting again


def test_open_deadlines_are_counted_again_when_their_year_is_published(kept: Stage) -> None:
    approved(kept)  # on 2027-04-20; 2027 is not published
    realname = deadline(kept, "realname")
    assert (day(realname.due_at), realname.provisional) == ("2027-06-21", True)
    (timer,) = waiting(kept, "bpmn", ref=None)[-1:]
    assert timer.due_at == realname.due_at

    # thirty days end on a Saturday; the Monday behind it becomes a day of rest
    publish_calendar(kept.runtime, "cn", notice(2027, ("2027-06-21", "2027-06-21")), kept.li)
    assert fire(kept, "calendar") == 0  # not before every process has read the year
    kept.clock.advance(timedelta(seconds=6))
    assert fire(kept, "calendar") == 2  # the year, and the one case

    moved = deadline(kept, "realname")
    assert (day(moved.due_at), moved.provisional) == ("2027-06-22", False)
    (timer,) = waiting(kept, "bpmn", ref=None)[-1:]
    assert timer.due_at == moved.due_at
    token = str(moved.token)
    assert [day(t.due_at) for t in waiting(kept, "remind", token)] == ["2027-06-15", "2027-06-21"]
    (rung,) = waiting(kept, "rung", token)
    assert rung.detail == "near" and rung.due_at < moved.due_at
    (task,) = (t for t in rows(kept, WorkItem) if t.token == moved.token)
    assert (task.due_at, task.provisional) == (moved.shown_at, False)
    titles = [event.title for event in rows(kept, CaseEvent)]
    assert any(
        "时限重新计算：本人实名认证 2027-06-21 17:00（预计） → 2027-06-22 17:00" in title
        for title in titles
    )
    assert audit(kept.runtime) == []


def test_the_timer_of_the_diagram_really_waits_for_the_new_day(kept: Stage) -> None:
    approved(kept)
    publish_calendar(kept.runtime, "cn", notice(2027, ("2027-06-21", "2027-06-21")), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    fire(kept, "calendar")
    due = deadline(kept, "realname").due_at

    kept.clock.set(due - timedelta(minutes=1))
    fire(kept, "bpmn")
    assert "realname" in kept.tasks()
    kept.clock.set(due)
    fire(kept, "bpmn")
    assert "realname" not in kept.tasks()


def test_counting_again_changes_nothing_that_is_right_already(kept: Stage) -> None:
    approved(kept)
    publish_calendar(kept.runtime, "cn", notice(2027, ("2027-06-21", "2027-06-21")), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    fire(kept, "calendar")
    lines = len(rows(kept, CaseEvent))

    publish_calendar(kept.runtime, "cn", notice(2027, ("2027-06-21", "2027-06-21")), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    assert fire(kept, "calendar") == 2
    assert len(rows(kept, CaseEvent)) == lines


def test_a_year_no_deadline_touches_wakes_no_case(kept: Stage) -> None:
    publish_calendar(kept.runtime, "cn", notice(2027), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    fire(kept, "calendar")
    approved(kept)  # counted with a published year
    publish_calendar(kept.runtime, "cn", notice(2033), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    assert fire(kept, "calendar") == 1


def test_a_reminder_that_had_its_moment_does_not_come_twice(kept: Stage) -> None:
    approved(kept)
    kept.clock.set(at(date(2027, 6, 17), 9))
    fire(kept, "rung")
    token = str(deadline(kept, "realname").token)
    assert [t.detail for t in waiting(kept, "rung", token)] == ["end"]

    publish_calendar(kept.runtime, "cn", notice(2027), kept.li)
    kept.clock.advance(timedelta(seconds=6))
    fire(kept, "calendar")
    assert [t.detail for t in waiting(kept, "rung", token)] == ["end"]


def test_what_begins_by_itself_on_a_working_day_moves_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.calendars.FRESH_SECONDS", -1.0)
    monthly = (
        Process("monthly", LANE)
        .node(
            "startEvent",
            "month_begins",
            timer("at(first_working_day_of_month(months_after(today(), 1)), 9)"),
            name="每月首个工作日",
        )
        .node("userTask", "write_note", properties=NOTE, name="记录")
        .node("endEvent", "noted", name="已记录")
        .path("month_begins", "write_note", "noted")
    )
    stage = Stage(database.engine, pack_of(waiting_process(), telling(), monthly))
    stage.runtime = replace(stage.runtime, calendars=Calendars(FOLDER, stage.runtime.sessions))
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.active(session, "jilin", stage.clock.now())
        schedule_starts(stage.runtime, session, release)
    assert [day(t.due_at) for t in waiting(stage, "start")] == ["2027-05-05"]

    publish_calendar(stage.runtime, "cn", notice(2027, ("2027-05-01", "2027-05-05")), stage.li)
    stage.clock.advance(timedelta(seconds=6))
    fire(stage, "calendar")
    assert [day(t.due_at) for t in waiting(stage, "start")] == ["2027-05-06"]
