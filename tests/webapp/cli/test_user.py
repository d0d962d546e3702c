"""``yijianshi user``: accounts that can sign in, with the rights they were given."""

import re
from datetime import timedelta

import pyotp
from sqlalchemy import select

from engine.access import Grant
from engine.accounts import actor_of, sign_in
from engine.commands.begin_session import begin_session, check_password
from engine.commands.enrol_second_factor import begin_enrolment, confirm_enrolment
from engine.models import Account, AccountEvent
from engine.packs.release import seed_offices
from engine.sign_in_sessions import Browser, find_present, id_of
from tests.stage import JILIN, RETIREE
from tests.webapp.cli.conftest import Terminal

PASSWORD = "long enough a password"


def test_a_clerk_signs_in_with_the_password_that_was_shown_once(terminal: Terminal) -> None:
    result = terminal.run(
        *("user", "add", "rs07", "--name", "周审批", "--office", "人社局"),
        *("--role", "hrss_approver@jilin", "--role", "hrss_reviewer@jilin"),
    )

    assert result.exit_code == 0, result.error
    shown = re.search(r"：(\S{12,})\n", result.output)
    assert shown
    with terminal.stage.runtime.reading() as session:
        account = sign_in(session, "rs07", shown[1])
        assert account is not None and account.temporary
        actor = actor_of(session, account.id)
    assert actor is not None
    assert actor.grants == {Grant("hrss_approver", "jilin"), Grant("hrss_reviewer", "jilin")}
    assert "人社审批岗、人社预审岗" in terminal.run("user", "list").output


def test_a_role_is_given_for_one_office(terminal: Terminal) -> None:
    with terminal.stage.runtime.transaction() as session:
        seed_offices(session, JILIN.config)
    add = ("user", "add", "sb07", "--name", "林社保")
    refused = terminal.run(*add, "--role", "si_clerk@jilin/nowhere")
    assert (refused.exit_code, "没有机构“nowhere”" in refused.error) == (1, True)
    assert terminal.run(*add, "--role", "si_clerk@jilin/city_si").exit_code == 0
    with terminal.stage.runtime.reading() as session:
        made = session.scalars(select(Account).where(Account.login == "sb07")).one()
        actor = actor_of(session, made.id)
    assert actor is not None and actor.grants == {Grant("si_clerk", "jilin", "city_si")}


def test_operators_and_retirees_belong_to_their_unit_and_themselves(terminal: Terminal) -> None:
    terminal.register()

    for arguments in (
        ("op9", "--name", "孙经办", "--unit", str(RETIREE["uscc"])),
        ("zjg", "--name", "张建国", "--person", str(RETIREE["id_no"])),
    ):
        result = terminal.run("user", "add", *arguments)
        assert result.exit_code == 0, result.error
    assert "孙经办　吉林省示范机械有限公司" in terminal.run("user", "list").output


def test_a_login_is_given_once(terminal: Terminal) -> None:
    result = terminal.run("user", "add", "aming", "--name", "阿明二", "--role", "admin@jilin")
    assert result.exit_code == 1
    assert "已存在" in result.error


def test_what_is_not_on_record_gets_no_account(terminal: Terminal) -> None:
    for option, value in (("--unit", "91640199MA7600005C"), ("--person", "220199196611200016")):
        result = terminal.run("user", "add", "x1", "--name", "某某", option, value)
        assert result.exit_code == 1
        assert "尚未登记" in result.error
        assert "x1" not in terminal.run("user", "list").output


def test_a_wrong_role_region_or_kind_is_used_wrongly(terminal: Terminal) -> None:
    for arguments in (
        (),
        ("--role", "king@jilin"),
        ("--role", "admin"),
        ("--role", "admin@atlantis"),
        ("--role", "admin@jilin", "--unit", "91220199MA0X00001W"),
    ):
        result = terminal.run("user", "add", "x1", "--name", "某某", *arguments)
        assert result.exit_code == 2, arguments
        assert "Traceback" not in result.error


def test_a_disabled_account_no_longer_signs_in(terminal: Terminal) -> None:
    assert terminal.run("user", "disable", "aming").exit_code == 0
    with terminal.stage.runtime.reading() as session:
        assert sign_in(session, "aming", "long enough a password") is None
    assert terminal.run("user", "disable", "nobody").exit_code == 2


def test_a_temporary_password_replaces_the_old_one(terminal: Terminal) -> None:
    result = terminal.run("user", "password", "aming")
    password = result.output.rpartition("：")[2].strip()
    with terminal.stage.runtime.reading() as session:
        account = sign_in(session, "aming", password)
        assert account is not None and account.temporary
        assert sign_in(session, "aming", "long enough a password") is None
    assert terminal.run("user", "password", "nobody").exit_code == 2


def test_a_units_administrator_is_told_from_its_operators(terminal: Terminal) -> None:
    unit = ("--name", "关丽媛", "--unit", "91220199MA0X00001W", "--unit-admin")
    assert terminal.run("user", "add", "boss", *unit).exit_code == 0
    with terminal.stage.runtime.reading() as session:
        assert session.scalars(select(Account).where(Account.login == "boss")).one().unit_admin
    wrong = terminal.run(
        "user", "add", "x1", "--name", "某某", "--role", "admin@jilin", "--verified"
    )
    assert wrong.exit_code == 2


def test_a_lost_telephone_and_a_lock_are_lifted_from_the_terminal(terminal: Terminal) -> None:
    stage = terminal.stage
    assert stage.li.account_id
    token = begin_session(
        stage.runtime, stage.li.account_id, Browser(), "password", timedelta(hours=1)
    )
    secret = begin_enrolment(stage.runtime, stage.li, id_of(token)).secret
    confirm_enrolment(stage.runtime, stage.li, id_of(token), pyotp.TOTP(secret).now())
    for _ in range(8):
        check_password(stage.runtime, "xiaoli", "guess", "10.12.3.4")
    assert check_password(stage.runtime, "xiaoli", PASSWORD, "10.12.3.4").shut

    assert terminal.run("user", "unlock", "xiaoli").exit_code == 0
    assert terminal.run("user", "reset-factor", "xiaoli").exit_code == 0

    checked = check_password(stage.runtime, "xiaoli", PASSWORD, "10.12.3.4")
    assert checked.account is not None and checked.account.second_factor_at is None
    with stage.runtime.reading() as session:
        assert find_present(session, token, lambda _: timedelta(hours=1)) is None
        titles = session.scalars(select(AccountEvent.title)).all()
    assert titles[-2:] == ["解除小李的锁定", "重置小李的二次验证"]
    for command in ("unlock", "reset-factor"):
        assert terminal.run("user", command, "nobody").exit_code == 2
