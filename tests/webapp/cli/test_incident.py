"""``yijianshi incident``: what automation gave up on is listed, and tried again when told."""

import json
from datetime import date

import pytest

from engine.clock import at
from engine.errors import AgencyReplyUnreadable
from tests.engine.test_way_of_a_case import answer, apply_for_everything
from tests.webapp.cli.conftest import Terminal


@pytest.fixture
def number(terminal: Terminal) -> str:
    """A case whose agency answered with nonsense."""
    terminal.stage.clock.set(at(date(2027, 4, 20), 9))
    case_no = apply_for_everything(terminal.stage)
    answer(terminal.stage, "police/household_check", AgencyReplyUnreadable("读不懂"))
    return case_no


def test_an_incident_is_listed_until_it_was_tried_again(terminal: Terminal, number: str) -> None:
    (incident,) = json.loads(terminal.run("incident", "list", "--json").output)
    assert (incident["case"], incident["kind"], incident["closed_at"]) == (number, "call", None)
    assert f"{incident['id']}　{number}" in terminal.run("incident", "list").output

    retried = terminal.run("incident", "retry", incident["id"], "--note", "对方接口已修复")
    assert retried.exit_code == 0, retried.error

    assert terminal.run("incident", "list").output == "没有异常。\n"
    (closed,) = json.loads(terminal.run("incident", "list", "--closed", "--json").output)
    assert closed["resolution"] == "对方接口已修复"
    assert "命令行（" in terminal.run("case", "show", number).output
    again = terminal.run("incident", "retry", incident["id"], "--note", "再来一次")
    assert again.exit_code == 1
    assert "已处理" in again.error


def test_a_retry_needs_a_note_and_an_incident(terminal: Terminal) -> None:
    nothing = "01890000-0000-7000-8000-000000000000"
    assert terminal.run("incident", "retry", nothing).exit_code == 2
    assert terminal.run("incident", "retry", nothing, "--note", "x").exit_code == 1
    assert terminal.run("incident", "retry", "no-id", "--note", "x").exit_code == 2
