"""``yijianshi scenario run``: stories are played, and it is said how they went."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from engine.embedded_postgres import EmbeddedPostgres
from tests.webapp.cli.command import yijianshi

ROOT = Path(__file__).parents[3]
STORIES = ROOT / "processes" / "jilin" / "scenarios"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """An installation with an embedded database of its own, which stays up between the tests."""
    data = tmp_path_factory.mktemp("installation")
    server = EmbeddedPostgres(data / "postgres", forgetful=True)
    server.start()
    yield {"YIJIANSHI_DATA": str(data), "DATABASE_URL": ""}
    server.stop()


def pack_with(tmp_path: Path, name: str, before: str, after: str) -> Path:
    """A copy of the packs in which one story was changed."""
    for folder in ("processes", "forms"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    story = tmp_path / "processes/jilin/scenarios" / name
    assert before in story.read_text()
    story.write_text(story.read_text().replace(before, after))
    return story


def test_one_story_is_played_and_told(environment: Mapping[str, str]) -> None:
    result = yijianshi("scenario", "run", str(STORIES / "seal_only.yaml"), environment=environment)

    assert result.exit_code == 0, result.error
    assert "✓ seal_only.yaml" in result.output
    assert "1 个通过，0 个未通过" in result.output


def test_a_story_that_does_not_hold_says_what_it_found(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    story = pack_with(
        tmp_path, "nothing_ticked.yaml", "outcome: qualification_only", "outcome: refused"
    )

    result = yijianshi("scenario", "run", str(story), environment=environment)

    assert result.exit_code == 1
    assert "✗ nothing_ticked.yaml" in result.output
    assert "结局应为 refused，实为 qualification_only" in result.output
    assert "0 个通过，1 个未通过" in result.output


def test_programs_get_counts_and_coverage_and_nothing_else_on_the_output(
    environment: Mapping[str, str],
) -> None:
    result = yijianshi(
        *("scenario", "run", "--json", str(STORIES / "nothing_ticked.yaml")),
        environment=environment,
    )

    report = json.loads(result.output)
    assert (report["passed"], report["failed"]) == (1, 0)
    own = {path.stem for path in STORIES.parent.glob("*.bpmn")}
    assert set(report["flows"]) == own | {"rating", "supplement"}
    for flow in report["flows"].values():
        assert set(flow) == {"covered", "total", "missed"}
        assert flow["covered"] + len(flow["missed"]) == flow["total"]
    assert report["flows"]["item_fund"]["covered"] == 0
    assert report["flows"]["application"]["covered"] > 0


def test_a_story_that_cannot_be_read_is_a_failure_with_its_place(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    story = pack_with(tmp_path, "nothing_ticked.yaml", "title:", "titel:")

    result = yijianshi("scenario", "run", str(story), environment=environment)

    assert result.exit_code == 1
    assert "✗ nothing_ticked.yaml" in result.output
    assert "title：缺少这一项" in result.output
    assert "titel：没有这一项设置" in result.output


def test_a_pack_with_mistakes_lists_them_and_plays_nothing(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    story = pack_with(tmp_path, "nothing_ticked.yaml", "title:", "title:")
    diagram = tmp_path / "processes/jilin/joint_case.bpmn"
    diagram.write_text(diagram.read_text().replace('name="withdraw"', 'name=""'))

    result = yijianshi("scenario", "run", str(story), environment=environment)

    assert result.exit_code == 1
    assert "processes/jilin/joint_case.bpmn: " in result.error
    assert "地区包检查未通过" in result.error


def test_an_unknown_region_is_used_wrongly(environment: Mapping[str, str]) -> None:
    result = yijianshi("scenario", "run", "atlantis", environment=environment)

    assert result.exit_code == 2
    assert "jilin" in result.error


def test_nothing_is_left_of_it(environment: Mapping[str, str]) -> None:
    yijianshi("scenario", "run", str(STORIES / "nothing_ticked.yaml"), environment=environment)

    server = EmbeddedPostgres(Path(environment["YIJIANSHI_DATA"]) / "postgres")
    server.start()
    engine = create_engine(server.url("postgres", "postgres"), poolclass=NullPool)
    with engine.connect() as connection:
        left = connection.scalars(text("select datname from pg_database where not datistemplate"))
        assert set(left) == {"postgres"}
    server.stop()
