"""托管机构开户申请: asked for without an account, decided by the pre-review office (JLG-005)."""

from datetime import date

import pytest
from sqlalchemy import select

from engine.models import Account, ServiceCall, Unit
from handlers.jobs import Exchange, Jobs
from tests.engine.test_way_of_a_case import approved
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor
from webapp.demo import synthetic_id_no

FORM = "/apply/jilin/custodian_account"
REQUEST = {
    "name": "示范区人才交流中心",
    "uscc": "12220199MB0000003F",
    "licence": "示范市人社局备案（2023）5 号",
    "address": "示范市和平路 9 号",
    "admin_name": "托管管理员",
    "admin_id_no": "220199198503070057",
    "admin_mobile": "13900000085",
}


def ask(stranger: Visitor, **changed: str) -> str:
    """Fill in the form; returns the number the request got."""
    stranger.open(FORM)
    stranger.page.xpath("//input[@type='checkbox'][@name='declaration']")[0].set("checked", "")
    stranger.press("提交申请", **{**REQUEST, **changed})
    assert stranger.headline == "申请已收到", stranger.words
    return str(stranger.page.xpath("//strong")[0].text)


def decide(stage: Stage, visit: As, outcome: str, reason: str = "") -> None:
    task = stage.tasks()["review_custodian"]
    answers = {"outcome": outcome, **({"reason": reason} if reason else {})}
    stage.submit("review_custodian", stage.li, answers)
    assert visit("xiaoli").open(f"/tasks/{task.id}").says("审核开户申请")


def test_an_approved_institution_gets_its_account_and_learns_it_by_number_and_code(
    stage: Stage, visit: As
) -> None:
    stranger = visit()
    no = ask(stranger)
    stranger.open("/apply/progress").press("查询", no=no, code=REQUEST["uscc"])
    assert stranger.says("示范区人才交流中心", "办理中", "审核开户申请")
    clerk = visit("xiaoli").open(f"/cases/{no}?tab=facts")
    assert clerk.says("示范区人才交流中心", "220199********0057") and clerk.status == 200
    assert "220199198503070057" not in clerk.text

    decide(stage, visit, "agree")
    with stage.runtime.reading() as session:
        call_id = session.scalars(select(ServiceCall.id)).one()
    Jobs(stage.runtime, Exchange(b"x" * 32, loopback=True), "http://127.0.0.1:1").attempt_call(
        call_id
    )

    stranger.open("/apply/progress").press("查询", no=no, code=REQUEST["uscc"])
    assert stranger.says("已开户")
    with stage.runtime.reading() as session:
        unit = session.scalars(select(Unit).where(Unit.uscc == REQUEST["uscc"])).one()
        made = session.scalars(select(Account).where(Account.unit_id == unit.id)).one()
    assert (unit.kind, made.unit_admin, made.password_hash) == ("custodian", True, "!")


def test_a_refused_one_reads_the_reason(stage: Stage, visit: As) -> None:
    stranger = visit()
    no = ask(stranger)
    decide(stage, visit, "refuse", "没有档案管理资质")
    stranger.open("/apply/progress").press("查询", no=no, code=REQUEST["uscc"])
    assert stranger.says("不同意开户", "理由：没有档案管理资质")


def test_a_number_without_its_code_tells_nothing(visit: As) -> None:
    stranger = visit()
    no = ask(stranger)
    stranger.open("/apply/progress").press("查询", no=no, code="91220199MA0X00001W")
    assert stranger.status == 404 and not stranger.says("示范区人才交流中心")


def test_nobody_asks_twice_at_the_same_time_and_mistakes_are_pointed_out(visit: As) -> None:
    stranger = visit()
    ask(stranger)
    stranger.open(FORM).press("提交申请", **{**REQUEST, "uscc": "123"})
    assert stranger.status == 422 and stranger.says("统一社会信用代码应为 18 位", "请勾选确认")
    stranger.page.xpath("//input[@type='checkbox'][@name='declaration']")[0].set("checked", "")
    stranger.press("提交申请", **REQUEST)
    assert stranger.status == 409 and stranger.says("已有在办的申请")


def test_other_processes_have_no_public_form(visit: As) -> None:
    assert visit().open("/apply/jilin/joint_case").status == 404
    assert visit().open("/apply/nowhere/custodian_account").status == 404


def test_the_form_cannot_be_flooded(visit: As) -> None:
    stranger = visit()
    stranger.client.environ_base["REMOTE_ADDR"] = "10.12.3.4"
    for number in range(10):
        ask(stranger, name=f"示范机构{number}号")
    stranger.open(FORM)
    stranger.page.xpath("//input[@type='checkbox'][@name='declaration']")[0].set("checked", "")
    stranger.press("提交申请", **{**REQUEST, "name": "示范机构十一号"})
    assert stranger.status == 429


def test_a_retiree_learns_how_the_case_stands_by_its_number_and_the_identity_number(
    stage: Stage, visit: As
) -> None:
    no = approved(stage)
    stranger = visit().open("/apply/progress").press("查询", no=no, code=RETIREE["id_no"])
    assert stranger.status == 200 and stranger.says(no, "办理中", "咨询电话", "窗口和电话")
    for told in (RETIREE["name"], RETIREE["id_no"], RETIREE["mobile"], "阿明"):
        assert told not in stranger.text  # how it stands, and nothing of what it holds
    assert not [link for link in stranger.links() if link.startswith(("/tasks", "/my", "/cases"))]


@pytest.mark.parametrize("code", ["220199196611200032", RETIREE["uscc"], RETIREE["name"]])
def test_a_number_with_somebody_elses_identity_tells_nothing(
    stage: Stage, visit: As, code: str
) -> None:
    no = approved(stage)
    stranger = visit().open("/apply/progress").press("查询", no=no, code=code)
    assert stranger.status == 404 and stranger.says("没有找到") and not stranger.says("退休审批")
    assert "220199196611200032" not in stranger.text  # an identity number is not repeated


def test_nor_from_many_addresses(stage: Stage, visit: As) -> None:
    """Neither the persons of a known case, nor the cases of a known person."""
    no = approved(stage)
    for turn in range(20):
        number = synthetic_id_no("220199", date(1966, 11, 20), turn + 30)
        ask_from(visit(), f"10.12.{turn}.5", no, number)
        ask_from(visit(), f"2001:db8:{turn:x}::5", f"JL20270420{turn + 100:06d}", RETIREE["id_no"])
    assert (
        ask_from(visit(), "10.13.0.5", no, synthetic_id_no("220199", date(1966, 11, 20), 99)) == 429
    )
    assert ask_from(visit(), "10.13.0.6", "JL2027042000999", RETIREE["id_no"]) == 429


def ask_from(stranger: Visitor, address: str, no: str, code: str) -> int:
    stranger.client.environ_base["REMOTE_ADDR"] = address
    return stranger.open("/apply/progress").press("查询", no=no, code=code).status


def test_one_network_of_the_sixth_version_is_one_asker(visit: As) -> None:
    code = "91220199MA0X00001W"
    networks = (f"2001:db8::{turn:x}" for turn in range(1, 12))
    asked = [ask_from(visit(), one, f"JL{one[-1]:0>14}", code) for one in networks]
    assert asked == [404] * 10 + [429]


def test_identity_numbers_cannot_be_tried_out(stage: Stage, visit: As) -> None:
    no = approved(stage)
    stranger = visit()
    stranger.client.environ_base["REMOTE_ADDR"] = "10.12.3.5"
    for turn in range(10):
        number = synthetic_id_no("220199", date(1966, 11, 20), turn + 30)
        stranger.open("/apply/progress").press("查询", no=no, code=number)
        assert stranger.status == 404
    stranger.open("/apply/progress").press("查询", no=no, code=RETIREE["id_no"])
    assert stranger.status == 429
