"""Every region's stories hold, take every sequence flow, and prove what the clauses list says."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine

import handlers  # noqa: F401  registers the operations
from engine.errors import Invalid
from engine.packs.proof import dump_proof, kept_proof, summarise, trace
from engine.settings import Settings
from handlers.scenario import Report, Theatre, play, read_story, run_stories
from tests.conftest import Database
from tests.stage import CALENDAR, JILIN, ROOT
from webapp.visitor import PageVisitor

#: A practice region tells no stories of its own: it goes as the region it practises.
REGIONS = sorted({path.parent.parent.name for path in ROOT.glob("processes/*/scenarios/*.yaml")})
WITH_CLAUSES = sorted(path.parent.name for path in ROOT.glob("processes/*/clauses.csv"))

Told = Callable[[str], Report]


@pytest.fixture(scope="module")
def engine(shared_database: Database) -> Engine:
    return shared_database.engine


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> PageVisitor:
    folder = tmp_path_factory.mktemp("visitor")
    return PageVisitor(Settings.from_environment({"YIJIANSHI_DATA": str(folder)}))


@pytest.fixture(scope="module")
def told(engine: Engine, visitor: PageVisitor) -> Told:
    """A region's stories, played once."""
    return cache(lambda region: run_stories(engine, ROOT, region, visitor=visitor))


@pytest.mark.parametrize("region", REGIONS)
def test_every_story_goes_as_told_and_together_they_take_every_flow(
    told: Told, region: str
) -> None:
    report = told(region)

    assert {name: one.failures for name, one in report.stories.items() if one.failures} == {}
    assert {process: flow.missed for process, flow in report.flows.items() if flow.missed} == {}
    assert report.passed >= 30


@pytest.mark.parametrize("region", WITH_CLAUSES)
def test_every_clause_in_scope_is_fulfilled_and_proven(told: Told, region: str) -> None:
    report = told(region)
    assert list(summarise(trace(report.pack, report.proof)).missing) == []


@pytest.mark.parametrize("region", WITH_CLAUSES)
def test_the_kept_proof_is_what_the_stories_prove_today(told: Told, region: str) -> None:
    report = told(region)
    hint = f"out of date: run yijianshi clauses report {region} --write"

    assert dump_proof(kept_proof(report.pack)) == dump_proof(report.proof), hint


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
