"""``yijianshi calendar``: publishing a year."""

import json
from pathlib import Path

from engine.models import CalendarYear, Timer
from tests.engine.test_way_of_a_case import rows
from tests.webapp.cli.conftest import Terminal

NOTICE = {
    "year": 2033,
    "title": "测试用放假通知",
    "status": "published",
    "holidays": [{"name": "测试节", "from": "2033-03-01", "to": "2033-03-02"}],
}


def test_a_year_is_published_and_deadlines_will_be_counted_again(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "2033.json"
    path.write_text(json.dumps(NOTICE), "utf-8")
    result = terminal.run("calendar", "import", str(path))
    assert result.exit_code == 0, result.error
    assert "2033 年工作日历已发布：测试用放假通知" in result.output
    (row,) = rows(terminal.stage, CalendarYear)
    assert (row.calendar, row.year) == ("cn", 2033) and row.imported_by.startswith("命令行")
    assert [t.ref for t in rows(terminal.stage, Timer) if t.kind == "calendar"] == ["2033"]


def test_a_sheet_needs_its_title(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "通知.csv"
    path.write_text("2033-03-01,休,测试节", "utf-8")
    assert terminal.run("calendar", "import", str(path)).exit_code == 1
    assert terminal.run("calendar", "import", str(path), "--title", "通知").exit_code == 0


def test_nothing_is_published_if_one_file_is_wrong(terminal: Terminal, tmp_path: Path) -> None:
    good, bad = tmp_path / "2033.json", tmp_path / "2034.json"
    good.write_text(json.dumps(NOTICE), "utf-8")
    bad.write_text(json.dumps({**NOTICE, "year": 2034}), "utf-8")
    result = terminal.run("calendar", "import", str(good), str(bad))
    assert result.exit_code == 1 and "2034.json" in result.error
    bad.write_text(json.dumps({**NOTICE, "status": "provisional"}), "utf-8")
    assert terminal.run("calendar", "import", str(bad)).exit_code == 1
    assert rows(terminal.stage, CalendarYear) == []


def test_an_unknown_calendar_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "2033.json"
    path.write_text(json.dumps(NOTICE), "utf-8")
    result = terminal.run("calendar", "import", str(path), "--calendar", "atlantis")
    assert result.exit_code == 1 and "没有这个工作日历" in result.error
