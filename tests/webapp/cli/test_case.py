"""``yijianshi case``: starting, finding, reading and handing over cases."""

import json
from datetime import date
from pathlib import Path

import pytest

from engine.clock import at
from tests.engine.test_way_of_a_case import approved
from tests.stage import CARD, RETIREE
from tests.webapp.cli.conftest import Terminal

ANSWERS = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}


@pytest.fixture
def number(terminal: Terminal) -> str:
    """A case that was approved with all three items."""
    terminal.stage.clock.set(at(date(2027, 4, 20), 9))
    return approved(terminal.stage)


def test_a_case_is_started_in_the_name_of_an_account(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(RETIREE), "utf-8")

    started = terminal.run("case", "start", "jilin", "record_prereview", str(file), "--as=xiaoli")
    assert started.exit_code == 0, started.error
    shown = terminal.run("case", "show", started.output.strip())
    assert "张建国" in shown.output
    assert "待办：" in shown.output
    assert "小李" in shown.output


def test_answers_that_are_wrong_are_named_by_field(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({**RETIREE, "id_no": "220199196611200017"}), "utf-8")

    result = terminal.run("case", "start", "jilin", "record_prereview", str(file), "--as=xiaoli")

    assert result.exit_code == 1
    assert "id_no: " in result.error
    assert "没有办件" in terminal.run("case", "list").output


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("{", ["jilin", "joint_case"], "第 1 行附近有误"),
        ("[1]", ["jilin", "joint_case"], "应为一个 JSON 对象"),
        ("{}", ["atlantis", "joint_case"], "没有启用地区“atlantis”"),
    ],
)
def test_a_start_that_is_used_wrongly_says_how(
    terminal: Terminal, tmp_path: Path, text: str, arguments: list[str], said: str
) -> None:
    file = tmp_path / "answers.json"
    file.write_text(text, "utf-8")

    result = terminal.run("case", "start", *arguments, str(file), "--as", "aming")

    assert result.exit_code == 2
    assert said in result.error.replace("\n", "")


def test_an_unknown_account_or_process_starts_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(ANSWERS), "utf-8")

    nobody = terminal.run("case", "start", "jilin", "joint_case", str(file), "--as", "nobody")
    nothing = terminal.run("case", "start", "jilin", "nothing", str(file), "--as", "aming")

    assert nobody.exit_code == 2
    assert "nobody" in nobody.error
    assert nothing.exit_code == 1
    assert "nothing" in nothing.error


def test_cases_are_found_by_number_name_and_identity_number(
    terminal: Terminal, number: str
) -> None:
    for text in (number, number[:10], "张建国", str(RETIREE["id_no"])):
        found = json.loads(terminal.run("case", "list", text, "--json").output)
        assert number in [case["no"] for case in found["cases"]], text
    joint = json.loads(terminal.run("case", "list", "--process", "joint_case", "--json").output)
    assert [case["no"] for case in joint["cases"]] == [number]
    assert "没有办件" in terminal.run("case", "list", "李建国").output
    assert number in terminal.run("case", "list", "--region", "jilin").output
    assert number not in terminal.run("case", "list", "--status", "closed").output


def test_a_case_is_shown_with_items_tasks_and_history(terminal: Terminal, number: str) -> None:
    shown = terminal.run("case", "show", number)
    record = json.loads(terminal.run("case", "show", number, "--json").output)

    assert shown.exit_code == 0, shown.error
    assert "医保在职转退休：" in shown.output
    assert record["case"]["no"] == number
    assert {item["code"] for item in record["items"]} == {"pension", "medical", "fund"}
    assert [task["element"] for task in record["tasks"]][:1] == ["choose_items"]
    assert "police/household_check" in [call["operation"] for call in record["calls"]]
    assert [event["seq"] for event in record["events"]] == list(range(1, len(record["events"]) + 1))


def test_a_case_that_does_not_exist_is_one_clear_sentence(terminal: Terminal) -> None:
    result = terminal.run("case", "show", "JL0")

    assert result.exit_code == 1
    assert "没有找到这一办件" in result.error


def test_an_exported_case_holds_everything_but_no_number_in_full(
    terminal: Terminal, number: str, tmp_path: Path
) -> None:
    file = tmp_path / "case.json"

    result = terminal.run("case", "export", number, "--out", str(file))

    text = file.read_text("utf-8")
    record = json.loads(text)
    assert result.exit_code == 0, result.error
    assert record["case"]["subject"] == "张建国"
    assert {"person", "items", "bank_account"} <= {table["section"] for table in record["sections"]}
    assert "220199********0016" in text
    for secret in (RETIREE["id_no"], RETIREE["mobile"], CARD["account_no"]):
        assert str(secret) not in text


def test_an_export_goes_to_the_screen_unless_told_otherwise(
    terminal: Terminal, number: str, tmp_path: Path
) -> None:
    assert json.loads(terminal.run("case", "export", number).output)["case"]["no"] == number
    result = terminal.run("case", "export", number, "--out", str(tmp_path / "no" / "where"))
    assert result.exit_code == 1
    assert "Traceback" not in result.error
