"""The register says what the packs do: no process and no request is left out."""

import pytest

import handlers  # noqa: F401  registers the operations
from engine.operations import operations
from engine.packs.pack import read_pack
from engine.packs.processing import purposes, transfers
from handlers.envelope import Request
from tests.stage import JILIN, ROOT


def test_the_joint_case_says_its_data_and_how_long_they_are_kept() -> None:
    joint = next(
        one for one in purposes(JILIN) if one.title == JILIN.config.processes["joint_case"].title
    )
    assert {"身份证号", "银行账号"} <= set(joint.sensitive)
    assert joint.years == 50
    assert "JLG-051" in {clause for one in transfers(JILIN, operations) for clause in one.clauses}


def test_a_process_may_be_kept_for_less() -> None:
    rule = JILIN.config.processes["custodian_account"]
    assert next(one for one in purposes(JILIN) if one.title == rule.title).years == 10


def test_an_agency_is_listed_with_what_it_is_given() -> None:
    police = next(one for one in transfers(JILIN, operations) if one.title == "户籍信息核验")
    assert police.agency == JILIN.config.agencies["police"].title
    assert police.fields == ("姓名", "身份证号", "手机号码")
    assert JILIN.config.processes["joint_case"].title in police.purposes


def test_who_it_is_about_goes_with_every_request() -> None:
    """As the envelope has it, not as we remember it."""
    schema = Request.model_json_schema()["$defs"]["PersonBlock"]["properties"]
    titles = tuple(field["title"] for field in schema.values())
    assert {one.fields[: len(titles)] for one in transfers(JILIN, operations)} == {titles}


@pytest.mark.parametrize("region", ["jilin", "ningxia", "yangcheng", "zongyang"])
def test_every_region_registers_every_process_with_a_time(region: str) -> None:
    pack = read_pack(ROOT, region)
    listed = purposes(pack)
    assert [one.title for one in listed] == [rule.title for rule in pack.config.processes.values()]
    assert all(one.years for one in listed)
    assert transfers(pack, operations)
