"""Where a unit is offered to apply: where its people are on record, and elsewhere on request."""

import pytest

from engine.packs.pack import read_pack
from engine.packs.release import activate, publish
from engine.people import register_person
from engine.queries.regions import startable
from engine.wiring import operations
from tests.conftest import Database
from tests.stage import RETIREE, ROOT, Stage


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin, and the region in which Jilin is practised."""
    stage = Stage(database.engine)
    pack = read_pack(ROOT, "jilin_practice")
    with stage.runtime.transaction() as session:
        release = publish(session, pack, operations, stage.clock.now())
        activate(session, "jilin_practice", release, stage.clock.now())
    return stage


def regions(stage: Stage, **where: bool) -> set[str]:
    return {config.code for config, _, _ in startable(stage.runtime, stage.ming, **where)}


def test_a_unit_without_people_is_not_led_to_where_one_only_practises(stage: Stage) -> None:
    assert regions(stage, everywhere=False) == {"jilin"}
    assert regions(stage) == {"jilin", "jilin_practice"}


@pytest.mark.parametrize("region", ["jilin", "jilin_practice"])
def test_a_unit_applies_where_its_people_are(stage: Stage, region: str) -> None:
    with stage.runtime.transaction() as session:
        register_person(stage.runtime, session, region, RETIREE)
    assert regions(stage, everywhere=False) == {region}
