"""A story may try the choice of a parameter that its region did not make."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import handlers  # noqa: F401  registers the operations
from engine.errors import Invalid
from handlers.scenario import Played, Theatre, play, read_story
from tests.conftest import Database
from tests.stage import CALENDAR, JILIN, ROOT

STORY = ROOT / "processes/jilin/scenarios/too_early.yaml"


def told(database: Database, tmp_path: Path, **parameters: Any) -> Played:
    raw = {**yaml.safe_load(STORY.read_text("utf-8")), "parameters": parameters}
    path = tmp_path / "story.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    with Theatre(database.engine, JILIN, CALENDAR) as theatre:
        one = play(theatre, read_story(path))
        again = play(theatre, read_story(STORY))
    assert again.failures == [], "what one story tries must not stay"
    return one


def test_other_values_lead_the_same_story_elsewhere(
    shared_database: Database, tmp_path: Path
) -> None:
    assert told(shared_database, tmp_path).failures == []
    later = told(shared_database, tmp_path, earliest_start_months=24)
    assert "通知缺少" in later.failures[0]


def test_a_parameter_the_region_does_not_have_is_refused(
    shared_database: Database, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="no_such_thing"):
        told(shared_database, tmp_path, no_such_thing=1)
