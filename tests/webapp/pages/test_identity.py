"""Signing in through the identity platform, and coming from the portal, over real HTTP messages."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from apiflask import APIFlask
from flask import Flask
from sqlalchemy import select, text

from engine.models import Account, AccountEvent, Case, Person, Unit
from engine.people import register_person
from engine.settings import Settings
from handlers.adapters.oidc import TICKET_TYPE
from handlers.sandbox import create_app as create_sandbox
from tests.engine.test_way_of_a_case import put_on_record
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.platform import Newcomer, state_of
from tests.webapp.pages.visitor import PASSWORD

ISSUER = "http://127.0.0.1:8010"
ZHANG, LI, UNVERIFIED = "person:0", "person:1", "person:2"
ADMIN, OPERATOR = "legal:0:0", "legal:0:1"
Come = Callable[[], Newcomer]


class Switch(httpx.BaseTransport):
    """The wire to the platform; ``down`` cuts it."""

    def __init__(self, platform: Flask) -> None:
        self.inner, self.down = httpx.WSGITransport(platform), False
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.down:
            raise httpx.ConnectError("down")
        return self.inner.handle_request(request)


@pytest.fixture
def platform(tmp_path: Path, settings: Settings) -> Flask:
    return create_sandbox(
        *(tmp_path / "sandbox", settings.agency_secret),
        courier=False,
        address=ISSUER,
        web="http://localhost",
    )


@pytest.fixture
def wire(app: APIFlask, platform: Flask) -> Switch:
    switch = Switch(platform)
    app.extensions["identity_transport"] = switch
    return switch


@pytest.fixture
def come(app: APIFlask, platform: Flask, wire: Switch) -> Come:
    return lambda: Newcomer(app, platform)


def accounts(stage: Stage, kind: str) -> list[Account]:
    with stage.runtime.reading() as session:
        query = select(Account).where(Account.kind == kind, Account.login.startswith("id-"))
        return list(session.scalars(query.order_by(Account.id)))


def disable(stage: Stage, account: Account) -> None:
    with stage.runtime.transaction() as session:
        session.get_one(Account, account.id).active = False


def test_a_person_gets_an_account_at_the_first_sign_in_and_keeps_it(
    stage: Stage, come: Come
) -> None:
    first = come().sign_in(LI)
    assert first.headline == "李桂芬，您好"
    come().sign_in(LI)

    (account,) = accounts(stage, "person")
    assert (account.verified, account.password_hash) == ("L2", "!")
    with stage.runtime.reading() as session:
        person = session.get_one(Person, account.person_id)
        assert b"13900000002" not in bytes(person.mobile_sealed or b"")
        (event,) = session.scalars(select(AccountEvent))
        assert event.title == "首次登录，建立个人账号"


def test_a_person_on_record_is_known_by_the_number_and_the_mobile_is_taken(
    stage: Stage, come: Come
) -> None:
    with stage.runtime.transaction() as session:
        _, person = register_person(stage.runtime, session, "jilin", RETIREE)
        known = person.id
        before = bytes(person.mobile_sealed or b"")
    come().sign_in(ZHANG)

    (account,) = accounts(stage, "person")
    assert account.person_id == known
    with stage.runtime.reading() as session:
        assert bytes(session.get_one(Person, known).mobile_sealed or b"") == before  # the same


def test_a_number_under_another_name_is_refused(stage: Stage, come: Come) -> None:
    with stage.runtime.transaction() as session:
        register_person(stage.runtime, session, "jilin", {**RETIREE, "name": "张建业"})
    refused = come().sign_in(ZHANG)

    assert refused.status == 403 and refused.says("没有登录成功", "姓名与我们登记的不一致")


def test_a_disabled_person_is_refused(stage: Stage, come: Come) -> None:
    come().sign_in(LI)
    disable(stage, accounts(stage, "person")[0])
    refused = come().sign_in(LI)

    assert refused.status == 403 and refused.says("您的账号已停用")
    assert refused.open("/my/").headline == "登录"


def test_a_unit_comes_in_as_its_administrator_and_operators_have_to_be_set_up(
    stage: Stage, come: Come
) -> None:
    refused = come().sign_in(OPERATOR)
    assert refused.status == 403 and refused.says("您还不是", "的经办人")

    boss = come().sign_in(ADMIN)
    assert boss.headline == "企业办事"
    boss.open("/unit/operators/")
    boss.press("设立", name="于经办", login="yujingban", id_no="220199198505050041")
    assert boss.says("经办人账号已建立", "yujingban")

    operator = come().sign_in(OPERATOR)
    assert operator.headline == "企业办事" and not operator.says("设立经办人")
    (account,) = accounts(stage, "unit")
    assert account.unit_admin and account.unit_id == stage.unit_id


def test_a_unit_signs_in_with_its_password_too(come: Come) -> None:
    browser = come()
    login = browser.leave_for_platform()
    wrong = browser.platform.post(login, data={"uscc": RETIREE["uscc"], "password": "wrong"})
    assert wrong.status_code == 422 and "密码不正确" in wrong.text
    right = {"uscc": RETIREE["uscc"], "password": "jishiban-2026"}
    browser.open(browser.local(browser.platform.post(login, data=right)))
    assert browser.headline == "企业办事"


def test_a_unit_not_on_record_is_registered(stage: Stage, come: Come) -> None:
    with stage.runtime.transaction() as session:
        session.get_one(Unit, stage.unit_id).uscc = "91220199MA0X000020"
    come().sign_in(ADMIN)

    with stage.runtime.reading() as session:
        unit = session.scalars(select(Unit).where(Unit.uscc == RETIREE["uscc"])).one()
    assert accounts(stage, "unit")[0].unit_id == unit.id != stage.unit_id


def test_a_subordinate_insured_under_its_group_cannot_come_in_by_itself(
    stage: Stage, come: Come
) -> None:
    with stage.runtime.transaction() as session:
        group = Unit(name="示范集团", uscc="91220199MA0X000033")
        session.add(group)
        session.flush()
        unit = session.get_one(Unit, stage.unit_id)
        unit.parent_id, unit.own_account = group.id, False
    refused = come().sign_in(ADMIN)

    assert refused.status == 403 and refused.says("参加“示范集团”的养老保险账户")


# ---------------------------------------------------------------- what must not work


def test_a_state_counts_once(come: Come) -> None:
    browser = come()
    back = browser.scan(browser.leave_for_platform(), LI)
    browser.open(back)
    browser.press("退出")
    again = browser.open(back)
    assert again.status == 403 and again.says("登录请求已失效")


def test_a_state_of_another_browser_does_not_count(come: Come) -> None:
    victim, attacker = come(), come()
    back = attacker.scan(attacker.leave_for_platform(), LI)
    victim.leave_for_platform()
    assert victim.open(back).says("登录请求已失效")


def test_a_code_counts_once_even_with_the_right_state(come: Come) -> None:
    browser, second = come(), come()
    used = browser.scan(browser.leave_for_platform(), LI)
    browser.open(used)
    own = second.scan(second.leave_for_platform(), LI)
    code = used.split("code=")[1].split("&")[0]
    stolen = second.open(f"/sign-in/identity/jilin/callback?code={code}&state={state_of(own)}")
    assert stolen.status == 403 and stolen.says("登录已失效")


def test_whoever_turns_back_at_the_platform_is_told_so(come: Come) -> None:
    browser = come()
    login = browser.leave_for_platform()
    answer = browser.platform.post(f"{login}/cancel")
    assert browser.open(browser.local(answer)).says("您没有完成登录")


@pytest.mark.parametrize(
    ("claim", "value", "words"),
    [
        ("nonce", "another", "校验不通过"),
        ("aud", "somebody-else", "校验不通过"),
        ("iss", "http://127.0.0.1:8010/other", "校验不通过"),
        ("exp", 1, "校验不通过"),
    ],
)
def test_a_token_that_does_not_fit_is_refused(
    come: Come, platform: Flask, monkeypatch: pytest.MonkeyPatch, claim: str, value: object,
    words: str,
) -> None:  # fmt: skip
    keys = platform.extensions["platform_keys"]
    sign = keys.sign
    monkeypatch.setattr(keys, "sign", lambda claims, *kind: sign({**claims, claim: value}, *kind))
    refused = come().sign_in(LI)
    assert refused.status == 403 and refused.says(words)


def test_a_tampered_token_is_refused(
    come: Come, platform: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = platform.extensions["platform_keys"]
    sign = keys.sign

    def tampered(*what: object) -> str:
        head, body, signature = sign(*what).split(".")
        return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"

    monkeypatch.setattr(keys, "sign", tampered)
    assert come().sign_in(LI).says("校验不通过")


def test_userinfo_of_somebody_else_is_refused(
    come: Come, platform: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = platform.extensions["platform_keys"]
    sign = keys.sign
    monkeypatch.setattr(keys, "sign", lambda claims, *kind: sign({**claims, "sub": "x"}, *kind))
    assert come().sign_in(LI).says("校验不通过")


def test_curves_are_understood_as_well(come: Come, platform: Flask) -> None:
    platform.extensions["platform_keys"].algorithm = "ES256"
    assert come().sign_in(LI).headline == "李桂芬，您好"


def test_while_the_platform_is_down_clerks_still_come_in(come: Come, wire: Switch) -> None:
    wire.down = True
    browser = come()
    page = browser.open("/sign-in/identity/jilin")
    assert page.status == 503
    assert page.says("“吉事办”暂时无法登录", "工作人员可以用本系统的账号登录")
    page.open("/sign-in").press("登录", login="xiaoli", password=PASSWORD)
    assert page.headline == "我的待办"


def test_a_platform_that_goes_down_in_between_is_no_defect(come: Come, wire: Switch) -> None:
    browser = come()
    back = browser.scan(browser.leave_for_platform(), LI)
    wire.down = True
    assert browser.open(back).status == 503


def test_only_addresses_of_the_platform_are_opened(
    come: Come, platform: Flask, wire: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = platform.view_functions["platform.configuration"]

    def elsewhere() -> object:
        said = real().get_json()
        return {**said, "token_endpoint": "http://169.254.169.254/latest/meta-data"}

    monkeypatch.setitem(platform.view_functions, "platform.configuration", elsewhere)
    page = come().open("/sign-in/identity/jilin")
    assert page.status == 503 and page.says("不属于该平台")
    assert all(url.startswith(f"{ISSUER}/identity/") for url in wire.asked)


def test_nothing_personal_gets_into_addresses_or_logs(
    come: Come, wire: Switch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = come()
    back = browser.scan(browser.leave_for_platform(), LI)
    browser.open(back)
    said = [*wire.asked, back, *caplog.messages, *capsys.readouterr()]
    for secret in ("220199197208150025", "13900000002", "李桂芬"):
        assert not any(secret in line for line in said)


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(come: Come, evil: str) -> None:
    browser = come()
    login = browser.leave_for_platform(f"/sign-in/identity/jilin?next={evil}")
    assert browser.client.get(browser.scan(login, LI)).location == "/"


# ---------------------------------------------------------------- verified, and from the portal


def test_somebody_registered_but_not_verified_is_guided_to_verification(
    stage: Stage, come: Come
) -> None:
    facts = {"name": "未实名人员", "id_no": "220199196609030038", "employment": "flexible"}
    with stage.runtime.transaction() as session:
        register_person(stage.runtime, session, "jilin", {**facts, "mobile": "13900000003"})
    browser = come().sign_in(UNVERIFIED)
    page = browser.open("/start/jilin/joint_case/")
    assert page.status == 403 and page.headline == "请先在“吉事办”完成实名认证"
    assert "http://zwfw.jl.gov.cn" in page.links()
    assert browser.open("/start/jilin/joint_case/form").status == 403


def test_a_link_of_the_portal_leads_through_sign_in_to_the_case_and_its_channel_is_kept(
    stage: Stage, come: Come
) -> None:
    put_on_record(stage)
    browser = come()
    entry = browser.client.get(browser.from_portal("jsb_wechat"))
    browser.sign_in(ADMIN, browser.local(entry))
    assert browser.says("经办指南")
    browser.follow("已阅读，开始申请")
    browser.press("下一步", name=RETIREE["name"], id_no=RETIREE["id_no"])

    with stage.runtime.reading() as session:
        case = session.scalars(select(Case).where(Case.process == "joint_case")).one()
        assert (case.channel, case.channel_code) == ("吉事办微信小程序", "jsb_wechat")


def test_a_link_of_the_portal_counts_once(come: Come) -> None:
    browser = come()
    link = browser.from_portal()
    assert browser.client.get(link).status_code == 302
    again = browser.open(link)
    assert again.status == 403 and again.says("该链接已经用过")


def test_a_link_of_the_portal_expires(come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = come()
    before = time.time() - 600
    with monkeypatch.context() as earlier:
        earlier.setattr(time, "time", lambda: before)
        link = browser.from_portal()
    assert browser.open(link).says("校验不通过")


def test_a_sign_in_token_is_no_ticket_and_a_foreign_channel_none_either(
    come: Come, platform: Flask
) -> None:
    now = int(time.time())
    claims = {
        "iss": f"{ISSUER}/identity",
        "aud": "yijianshi",
        "iat": now,
        "exp": now + 60,
        "jti": "12345678",
        "channel": "jsb_web",
        "process": "joint_case",
    }
    sign = platform.extensions["platform_keys"].sign
    browser = come()
    for ticket, words in (
        (sign(claims), "校验不通过"),
        (sign({**claims, "channel": "elsewhere"}, TICKET_TYPE), "没有登记"),
        ("nonsense", "校验不通过"),
    ):
        page = browser.open(f"/portal/start?region=jilin&ticket={ticket}")
        assert page.status == 403 and page.says(words)


def live(app: APIFlask) -> None:
    """From now on a live installation, connected to the platform."""
    app.extensions["settings"] = replace(
        app.extensions["settings"],
        demo=False,
        identity_issuer="https://platform.example",
        identity_secret="secret",
    )


def test_live_units_and_people_come_through_the_platform_and_begin_at_the_portal(
    app: APIFlask, visit: As
) -> None:
    ming = visit("aming")
    live(app)
    page = ming.open("/start/jilin/joint_case/")
    assert page.status == 403 and page.says("请从“吉事办”进入")
    token = ming.open("/my/").page.xpath("//input[@name='csrf_token']/@value")[0]
    body = {"region": "jilin", "process": "joint_case", "answers": {}}
    by_program = ming.client.post("/api/v1/cases", json=body, headers={"X-CSRFToken": token})
    assert by_program.status_code == 403 and "须从门户发起" in by_program.json["message"]
    stranger = visit().open("/sign-in")
    assert stranger.says("通过吉事办登录", "工作人员") and not stranger.says("（模拟）")
    stranger.press("登录", login="aming", password=PASSWORD)
    assert stranger.status == 403 and stranger.says("只供工作人员使用")
    stranger.press("登录", login="xiaoli", password=PASSWORD)
    assert stranger.headline == "我的待办"


def test_without_a_platform_nothing_of_it_is_shown(app: APIFlask, visit: As) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], demo=False)
    assert not visit().open("/sign-in").says("通过吉事办登录")
    assert visit().open("/sign-in/identity/jilin").status == 404
    assert visit().open("/portal/start?region=jilin&ticket=x").status == 404
    assert visit("aming").open("/start/jilin/joint_case/").says("经办指南")


def test_no_identity_number_of_an_operator_is_kept(stage: Stage, come: Come) -> None:
    come().sign_in(ADMIN)
    with stage.runtime.reading() as session:
        for table in ("account", "account_event"):
            rows = session.execute(text(f"select {table}::text from {table}")).scalars()
            assert not any("220199198003070018" in row for row in rows)
