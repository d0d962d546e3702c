"""Registering somebody who is on record already: only staff move people (JLG-006)."""

from typing import Any

import pytest

from engine.access import Actor
from engine.errors import Invalid
from engine.models import Person, PersonFile, Unit
from tests.conftest import Database
from tests.engine.test_way_of_a_case import put_on_record, rows
from tests.stage import RETIREE, Stage

RIVAL = {"uscc": "91640199MA76000049", "mobile": "13900000099"}


@pytest.fixture
def stage(database: Database) -> Stage:
    made = Stage(database.engine)
    put_on_record(made)
    return made


def mistakes(stage: Stage, actor: Actor, **changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        stage.start("prereview", actor, {**RETIREE, **changes})
    return dict(refused.value.errors)


def test_another_employer_does_not_become_theirs_by_knowing_the_number(stage: Stage) -> None:
    assert "与您登录的单位不一致" in mistakes(stage, stage.rival, **RIVAL)["id_no"]
    (file,) = rows(stage, PersonFile)
    assert file.unit_id == stage.unit_id


def test_a_custodian_does_not_take_an_employee_in(stage: Stage) -> None:
    keeper = stage.account("keeper", "小托", "unit", unit_id=custodian(stage))
    wrong = mistakes(stage, keeper, employment="flexible", uscc=None)
    assert "不由本机构托管" in wrong["id_no"]
    (file,) = rows(stage, PersonFile)
    assert (file.unit_id, file.custodian_id, file.employment) == (stage.unit_id, None, "employee")


def test_a_wrong_name_is_not_told_the_right_one(stage: Stage) -> None:
    wrong = mistakes(stage, stage.ming, name="李四")
    assert wrong == {"name": "姓名与身份证号不一致，请核对。"}


def test_the_own_employer_applies_and_the_telephone_on_record_stays(stage: Stage) -> None:
    before = telephone(stage)
    stage.start("prereview", stage.ming, {**RETIREE, "mobile": "13900000077"})
    assert telephone(stage) == before


def custodian(stage: Stage) -> Any:
    with stage.runtime.transaction() as session:
        unit = Unit(name="示范档案托管中心", uscc="91640199MA76000057", kind="custodian")
        session.add(unit)
        session.flush()
        return unit.id


def telephone(stage: Stage) -> bytes:
    (person,) = rows(stage, Person)
    return bytes(person.mobile_sealed or b"")
