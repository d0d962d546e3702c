"""How an agency is reached: the region's file, an administrator's choice, and which one wins."""

import re

import pytest
from sqlalchemy import Connection

from engine.commands.set_agency import AgencyFacts, set_agency
from engine.errors import Invalid
from engine.models import AgencySetting
from engine.packs.pack import Pack
from engine.packs.region import Lane, RegionConfig
from engine.packs.release import seed_agencies
from tests.conftest import Database
from tests.stage import JILIN, Stage


@pytest.fixture
def stage(connection: Connection) -> Stage:
    return Stage(connection)


def file_says(mode: str) -> RegionConfig:
    medical = JILIN.config.agencies["medical"].model_copy(update={"mode": mode})
    agencies = {**JILIN.config.agencies, "medical": medical}
    return JILIN.config.model_copy(update={"agencies": agencies})


def seed(stage: Stage, config: RegionConfig, *, only_new: bool = False) -> None:
    with stage.runtime.transaction() as session:
        seed_agencies(session, config, "", only_new=only_new)


def administrator_chooses(stage: Stage, mode: str, agency: str = "medical") -> None:
    facts = AgencyFacts("示范市医疗保险经办中心", mode, "http://127.0.0.1:1")
    set_agency(stage.runtime, "jilin", agency, facts, stage.li, loopback=True)


def mode(stage: Stage) -> tuple[str, str]:
    with stage.runtime.reading() as session:
        row = session.get_one(AgencySetting, ("jilin", "medical"))
        return row.mode, row.seeded_mode


def test_an_edited_file_changes_the_running_installation(stage: Stage) -> None:
    assert mode(stage) == ("api", "api")
    seed(stage, file_says("manual"))
    assert mode(stage) == ("manual", "manual")


def test_a_file_that_stayed_the_same_leaves_an_administrators_choice_alone(stage: Stage) -> None:
    administrator_chooses(stage, "file")
    seed(stage, JILIN.config)
    assert mode(stage) == ("file", "api")


def test_a_file_edited_later_wins_over_an_older_choice(stage: Stage) -> None:
    administrator_chooses(stage, "file")
    seed(stage, file_says("manual"))
    assert mode(stage) == ("manual", "manual")
    administrator_chooses(stage, "api")
    seed(stage, file_says("manual"))
    assert mode(stage) == ("api", "manual")


def test_a_release_not_yet_in_use_changes_nothing(stage: Stage) -> None:
    seed(stage, file_says("manual"), only_new=True)
    assert mode(stage) == ("api", "api")


def test_what_the_file_said_before_we_remembered_it_wins_over_nothing(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        session.get_one(AgencySetting, ("jilin", "medical")).seeded_mode = ""
    seed(stage, file_says("manual"))
    assert mode(stage) == ("api", "manual")


def test_the_desk_of_an_agency_is_its_own_role_or_that_of_its_one_lane() -> None:
    config = JILIN.config
    assert config.desk_of("police") == "hrss_reviewer"
    assert config.desk_of("housing_fund") == "fund_clerk"
    lanes = {**config.lanes, "公积金主管": Lane(role="admin", agency="housing_fund")}
    assert config.model_copy(update={"lanes": lanes}).desk_of("housing_fund") is None


def test_an_agency_nobody_answers_for_must_have_an_interface(database: Database) -> None:
    path = "processes/jilin/region.toml"
    deskless = re.sub(rb'\nrole = "hrss_reviewer".*', b"", JILIN.files[path])
    stage = Stage(database.engine, Pack("jilin", {**JILIN.files, path: deskless}))
    with pytest.raises(Invalid) as refused:
        administrator_chooses(stage, "manual", "police")
    assert "岗位" in refused.value.errors["mode"]
