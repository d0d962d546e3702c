"""``yijianshi clauses report``: every clause, where it is fulfilled, and what proves it."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.embedded_postgres import EmbeddedPostgres
from tests.webapp.cli.command import yijianshi

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """An installation with an embedded database of its own, which stays up between the tests."""
    data = tmp_path_factory.mktemp("installation")
    server = EmbeddedPostgres(data / "postgres", forgetful=True)
    server.start()
    yield {"YIJIANSHI_DATA": str(data), "DATABASE_URL": ""}
    server.stop()


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Jilin with two of its clauses and one story."""
    for folder in ("processes", "forms"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    region = tmp_path / "processes/jilin"
    for story in region.glob("scenarios/*.yaml"):
        if story.name != "nothing_ticked.yaml":
            story.unlink()
    (region / "proof.json").unlink()
    return tmp_path


def test_every_clause_is_told_with_its_words_places_and_stories(
    packs: Path, environment: Mapping[str, str]
) -> None:
    result = yijianshi("clauses", "report", "jilin", "--root", str(packs), environment=environment)

    assert result.exit_code == 1  # one story proves a little only
    assert "✓ JLG-024　“若所有业务均不勾选，提交申请时系统只办理退休资格认定业务”" in result.output
    assert "（elements/joint_case/qualification_only）　← nothing_ticked.yaml" in result.output
    assert "△ JLG-036" in result.output
    assert "－ JL-029" in result.output
    assert "共 125 条，须由系统实现 122 条" in result.output


def test_programs_get_the_figures_and_what_is_missing(
    packs: Path, environment: Mapping[str, str]
) -> None:
    result = yijianshi(
        *("clauses", "report", "jilin", "--json", "--write", "--root", str(packs)),
        environment=environment,
    )

    report = json.loads(result.output)
    assert (report["total"], report["in_scope"]) == (125, 122)
    assert report["proven"] + len(report["missing"]) == report["in_scope"]
    assert report["proven"] <= report["fulfilled"]
    assert "JLG-036" in report["missing"]
    assert "JL-029" not in report["missing"]
    clause = next(one for one in report["clauses"] if one["id"] == "JLG-024")
    assert clause["state"] == "proven"
    assert any(place["stories"] == ["nothing_ticked.yaml"] for place in clause["places"])
    kept = json.loads((packs / "processes/jilin/proof.json").read_text("utf-8"))
    assert kept["stories"] == {"nothing_ticked.yaml": "什么都不勾选，只认定退休资格"}
    kept = kept["clauses"]
    assert kept["JLG-024"]["elements/joint_case/qualification_only"] == ["nothing_ticked.yaml"]


def test_a_story_that_fails_proves_nothing(packs: Path, environment: Mapping[str, str]) -> None:
    story = packs / "processes/jilin/scenarios/nothing_ticked.yaml"
    story.write_text(story.read_text().replace("outcome: qualification_only", "outcome: refused"))

    result = yijianshi(
        *("clauses", "report", "jilin", "--json", "--root", str(packs)), environment=environment
    )

    report = json.loads(result.output)
    assert report["proven"] == 0
    assert report["fulfilled"] > 60
    assert report["failed_stories"] == 1


def test_an_unknown_region_is_used_wrongly(environment: Mapping[str, str]) -> None:
    result = yijianshi("clauses", "report", "atlantis", environment=environment)

    assert result.exit_code == 2
    assert "atlantis" in result.error
