"""Every region's stories hold, and together they take every sequence flow."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

import handlers  # noqa: F401  registers the operations
from engine.errors import Invalid
from handlers.scenario import Theatre, play, read_story, run_stories
from tests.conftest import Database
from tests.stage import CALENDAR, JILIN, ROOT

REGIONS = sorted(path.parent.name for path in ROOT.glob("processes/*/region.toml"))


@pytest.fixture(scope="module")
def engine(shared_database: Database) -> Engine:
    return shared_database.engine


@pytest.mark.parametrize("region", REGIONS)
def test_every_story_goes_as_told_and_together_they_take_every_flow(
    engine: Engine, region: str
) -> None:
    report = run_stories(engine, ROOT, region)

    assert {name: one.failures for name, one in report.stories.items() if one.failures} == {}
    assert {process: flow.missed for process, flow in report.flows.items() if flow.missed} == {}
    assert report.passed >= 30


def test_a_story_that_lies_fails(engine: Engine) -> None:
    story = read_story(ROOT / "processes/jilin/scenarios/seal_only.yaml")
    lie = story.model_copy(update={"end": story.end.model_copy(update={"outcome": "refused"})})

    with Theatre(engine, JILIN, CALENDAR) as theatre:
        assert "结局应为 refused" in play(theatre, lie).failures[0]


def test_an_unknown_word_in_a_story_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text("title: x\nprocess: joint_case\nwhen: tomorrow\n")

    with pytest.raises(Invalid, match=r"story\.yaml"):
        read_story(path)
