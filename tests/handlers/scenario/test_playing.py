"""What a story may do: hand in files, wait for its time, let a colleague do the work."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

import handlers  # noqa: F401  registers the operations
from engine.calendar import WorkCalendar
from engine.packs.pack import read_pack
from handlers.scenario import Played, Story, Theatre, play, read_story
from handlers.scenario.papers import hand_in
from tests.conftest import Database
from tests.stage import ROOT

STORIES = ROOT / "processes/ningxia/scenarios"


@pytest.fixture(scope="module")
def theatre(shared_database: Database) -> Iterator[Theatre]:
    calendar = WorkCalendar.load(ROOT / "processes" / "calendar", "ningxia")
    engine: Engine = shared_database.engine
    with Theatre(engine, read_pack(ROOT, "ningxia"), calendar) as theatre:
        yield theatre


def told(theatre: Theatre, name: str, **changes: object) -> Played:
    """Play a story with another answer to one of its steps: element → fields of the step."""
    story = read_story(STORIES / f"{name}.yaml")
    steps = [
        step.model_copy(update=changes[step.submit]) if step.submit in changes else step
        for step in story.steps
        if step.visit is None  # of pages there is nothing to tell here
    ]
    return play(theatre, Story.model_validate(story.model_copy(update={"steps": steps})))


def test_whoever_reviewed_may_not_check_the_review(theatre: Theatre) -> None:
    played = told(theatre, "employee_confirms", check_review={"colleague": False})

    assert len(played.failures) == 1
    assert "您办理过“档案预审”，“预审复核”须由另一名人员办理" in played.failures[0]


def test_a_file_that_was_not_handed_in_is_asked_for(theatre: Theatre) -> None:
    played = told(theatre, "objection_upheld", update_archive={"answers": {}})

    assert "请上传随卷扫描件" in played.failures[0]


def test_a_process_that_begins_by_itself_waits_for_its_time(theatre: Theatre) -> None:
    story = read_story(STORIES / "system_screening.yaml")
    early = story.model_copy(update={"steps": []})

    assert "现在没有这一步所指的办件" in play(theatre, early).failures[0]


def test_papers_are_handed_in_wherever_they_stand() -> None:
    stored: dict[str, bytes] = {}

    def store(name: str, content: bytes) -> object:
        stored[name] = content
        return f"id of {name}"

    answers = {"a": {"attach": "甲.pdf"}, "rows": [{"scan": {"attach": "乙.pdf"}, "n": 1}]}

    assert hand_in(answers, store) == {  # type: ignore[arg-type]
        "a": "id of 甲.pdf",
        "rows": [{"scan": "id of 乙.pdf", "n": 1}],
    }
    assert stored["甲.pdf"] != stored["乙.pdf"]
    assert all(content.startswith(b"%PDF") for content in stored.values())
