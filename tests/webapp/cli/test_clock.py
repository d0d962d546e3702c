"""``yijianshi clock``: time moves in a demonstration, and nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import sessionmaker

from engine.clock import CHINA
from engine.demo_clock import DemoClock
from engine.models import Timer
from tests.stage import RETIREE
from tests.webapp.cli.conftest import Terminal


def gone_by(terminal: Terminal) -> timedelta:
    clock = DemoClock(sessionmaker(terminal.stage.runtime.sessions.kw["bind"]))
    return clock.now() - datetime.now(UTC)


def test_days_hours_and_months_add_up(terminal: Terminal) -> None:
    result = terminal.run("clock", "advance", "--days", "2", "--hours", "3")
    assert result.exit_code == 0, result.error
    assert abs(gone_by(terminal) - timedelta(days=2, hours=3)) < timedelta(seconds=30)

    terminal.run("clock", "advance", "--months", "1")
    assert timedelta(days=30) <= gone_by(terminal) <= timedelta(days=34)


def test_working_days_end_on_a_working_day(terminal: Terminal) -> None:
    terminal.run("clock", "advance", "--working-days", "5")

    day = (datetime.now(UTC) + gone_by(terminal)).astimezone(CHINA).date()
    assert terminal.stage.runtime.calendars["cn"].is_working_day(day)
    assert gone_by(terminal) > timedelta(days=5)


def test_the_next_timer_is_reached(terminal: Terminal) -> None:
    case_id = terminal.stage.start("record_prereview", terminal.stage.li, RETIREE).case_id
    due = datetime.now(UTC) + timedelta(days=40)
    with terminal.stage.runtime.transaction() as session:
        session.execute(delete(Timer))
        session.add(Timer(kind="rung", case_id=case_id, ref="", due_at=due))

    assert terminal.run("clock", "advance", "--next").exit_code == 0
    assert abs(gone_by(terminal) - timedelta(days=40)) < timedelta(seconds=30)
    assert due.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") in terminal.run("clock", "show").output


def test_without_a_timer_time_stays(terminal: Terminal) -> None:
    assert terminal.run("clock", "advance", "--next").exit_code == 1
    assert abs(gone_by(terminal)) < timedelta(seconds=30)


@pytest.mark.parametrize("arguments", [[], ["--next", "--days", "1"], ["--days", "-1"]])
def test_no_amount_or_two_is_used_wrongly(terminal: Terminal, arguments: list[str]) -> None:
    assert terminal.run("clock", "advance", *arguments).exit_code == 2


def test_real_time_cannot_be_moved(terminal: Terminal) -> None:
    result = terminal.run("clock", "advance", "--days", "1", YIJIANSHI_DEMO="0")
    assert result.exit_code == 2
    assert "演示环境" in result.error
    assert gone_by(terminal) < timedelta(seconds=30)
