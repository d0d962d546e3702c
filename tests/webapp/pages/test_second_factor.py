"""Second factors: who must have one, and what is never taken twice or guessed."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from apiflask import APIFlask
from sqlalchemy import func, select, update

from engine.access import Actor
from engine.commands.begin_session import await_second_factor, begin_session
from engine.commands.change_password import change_password
from engine.commands.enrol_second_factor import begin_enrolment, confirm_enrolment
from engine.commands.pass_second_factor import pass_second_factor
from engine.commands.reset_second_factor import reset_second_factor
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.models import Account, AccountEvent, DataKey, RecoveryCode, SecondFactor, SignInSession
from engine.second_factor import step_of
from engine.sign_in_sessions import Browser, id_of
from tests.stage import Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import PASSWORD, Visitor
from webapp import create_app

HOUR = timedelta(hours=1)
HERE = Browser("Windows · Edge", "10.12.3.*")


@pytest.fixture
def asking(app: APIFlask) -> APIFlask:
    """The application as it is outside of a demonstration: staff need a second factor."""
    app.extensions["settings"] = replace(app.extensions["settings"], second_factor="staff")
    return app


def enrolled(stage: Stage, actor: Actor) -> tuple[str, list[str]]:
    assert actor.account_id
    token = begin_session(stage.runtime, actor.account_id, HERE, "password", HOUR)
    secret = begin_enrolment(stage.runtime, actor, id_of(token)).secret
    codes = confirm_enrolment(stage.runtime, actor, id_of(token), pyotp.TOTP(secret).now())
    return secret, codes


def next_code(secret: str) -> str:
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


def test_staff_do_nothing_before_they_enrolled_and_applicants_are_not_asked(
    asking: APIFlask, visit: As
) -> None:
    li = visit("xiaoli")
    for path in ("/tasks", "/cases", "/devices/", "/admin/people"):
        assert li.open(path).headline == "设置二次验证", path
    assert li.client.get("/api/v1/tasks").status_code == 403
    assert visit("aming").open("/").headline == "企业办事"


def test_a_code_counts_half_a_minute_early_or_late_and_once() -> None:
    secret, now = pyotp.random_base32(), int(time.time()) // 30
    code = {step: pyotp.TOTP(secret).generate_otp(step) for step in range(now - 3, now + 4)}
    assert step_of(secret, code[now], 0) == now
    assert step_of(secret, code[now], now) is None
    assert step_of(secret, code[now], now + 1) is None
    assert step_of(secret, code[now - 3], 0) is None
    assert step_of(secret, code[now + 3], 0) is None
    assert step_of(secret, "", 0) is None
    assert step_of(secret, "１２３４５６", 0) is None


def test_of_many_who_send_the_same_code_at_once_one_comes_in(stage: Stage, app: APIFlask) -> None:
    secret, _ = enrolled(stage, stage.li)
    assert stage.li.account_id
    waiting = [await_second_factor(stage.runtime, stage.li.account_id, HERE) for _ in range(4)]
    code = next_code(secret)
    with ThreadPoolExecutor(4) as crowd:
        passed = list(
            crowd.map(lambda one: pass_second_factor(stage.runtime, one, code, HERE, HOUR), waiting)
        )
    assert sum(bool(one.token) for one in passed) == 1


def test_five_wrong_codes_shut_even_the_right_one_out(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    secret, _ = enrolled(stage, stage.li)
    li = visit().open("/sign-in")
    li.press("登录", login="xiaoli", password=PASSWORD)
    assert li.headline == "二次验证"
    for _ in range(5):
        li.press("登录", code="000000")
        assert li.status == 422
    li.press("登录", code=next_code(secret))
    assert li.status == 429 and li.says("15 分钟后再试")
    with stage.runtime.reading() as session:
        titles = session.scalars(select(AccountEvent.title)).all()
    assert "小李的验证码连续输错 5 次，锁定 15 分钟" in titles


def test_a_password_alone_opens_nothing_and_waits_ten_minutes(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    secret, _ = enrolled(stage, stage.li)
    li = visit().open("/sign-in")
    li.press("登录", login="xiaoli", password=PASSWORD)
    for path in ("/tasks", "/devices/", "/second-factor"):
        assert li.client.get(path).location.startswith("/sign-in?next="), path
    li.open("/sign-in/code")
    with stage.runtime.transaction() as session:
        ended = func.now() - timedelta(seconds=1)
        session.execute(update(SignInSession).values(ends_at=ended))
    li.press("登录", code=next_code(secret))
    assert li.headline == "登录" and li.says("登录已超时，请重新输入密码")


def test_a_changed_password_ends_what_waits_for_a_code(stage: Stage, app: APIFlask) -> None:
    secret, _ = enrolled(stage, stage.li)
    assert stage.li.account_id
    waiting = await_second_factor(stage.runtime, stage.li.account_id, HERE)
    change_password(stage.runtime, stage.li, PASSWORD, "another long password")
    assert pass_second_factor(stage.runtime, waiting, next_code(secret), HERE, HOUR).token == ""


def test_whoever_enrolled_is_asked_even_where_nobody_has_to(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    enrolled(stage, stage.li)
    li = visit().open("/sign-in")
    assert li.press("登录", login="xiaoli", password=PASSWORD).headline == "二次验证"


def test_enrolling_ends_all_other_sessions(stage: Stage, visit: As) -> None:
    li = visit("xiaoli")
    enrolled(stage, stage.li)
    assert li.open("/tasks").headline == "登录"


def test_enrolment_is_for_staff_and_happens_once(stage: Stage, app: APIFlask, visit: As) -> None:
    assert visit("aming").open("/second-factor").status == 403
    with pytest.raises(Forbidden):
        begin_enrolment(stage.runtime, stage.ming, b"")
    enrolled(stage, stage.li)
    with pytest.raises(Conflict):
        begin_enrolment(stage.runtime, stage.li, b"")
    with pytest.raises(NotFound):
        confirm_enrolment(stage.runtime, stage.mate, b"", "000000")
    begin_enrolment(stage.runtime, stage.mate, b"")
    with pytest.raises(Invalid):
        confirm_enrolment(stage.runtime, stage.mate, b"", "000000")


def test_what_is_kept_opens_nothing(stage: Stage, app: APIFlask) -> None:
    secret, codes = enrolled(stage, stage.li)
    with stage.runtime.reading() as session:
        sealed = bytes(session.scalars(select(SecondFactor.secret_sealed)).one())
        hashes = [bytes(one) for one in session.scalars(select(RecoveryCode.code_index))]
    assert secret.encode() not in sealed and len(hashes) == 10
    assert not [code for code in codes for one in hashes if code.replace("-", "").encode() in one]


def test_a_reset_takes_secret_key_and_codes_away(stage: Stage, visit: As) -> None:
    enrolled(stage, stage.li)
    with stage.runtime.reading() as session:
        key = session.scalars(select(SecondFactor.data_key_id)).one()
    assert stage.li.account_id
    for nobody, error in ((stage.wang, NotFound), (stage.ming, NotFound), (stage.li, Conflict)):
        with pytest.raises(error):
            reset_second_factor(stage.runtime, stage.li.account_id, nobody)
    reset_second_factor(stage.runtime, stage.li.account_id, stage.mate)
    with stage.runtime.reading() as session:
        assert session.get(DataKey, key) is None
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
        account = session.get_one(Account, stage.li.account_id)
        assert account.second_factor_at is None
    with pytest.raises(Conflict):
        reset_second_factor(stage.runtime, stage.li.account_id, stage.mate)


def test_a_telephone_is_replaced_with_a_code_of_the_old_one(
    stage: Stage, asking: APIFlask, visit: As
) -> None:
    secret, codes = enrolled(stage, stage.li)
    li = visit().open("/sign-in")
    li.press("登录", login="xiaoli", password=PASSWORD)
    li.press("登录", code=next_code(secret))
    li.open("/second-factor")
    li.press("换手机", code="000000")
    assert li.status == 422 and li.headline == "二次验证已启用"
    li.press("换手机", code=codes[0])
    assert li.headline == "设置二次验证"
    assert li.open("/tasks").headline == "设置二次验证"


def test_signing_in_leads_on_to_where_one_wanted_to_go_and_nowhere_else(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    secret, _ = enrolled(stage, stage.li)
    li: Visitor = visit().open("/sign-in")
    li.press("登录", login="xiaoli", password=PASSWORD)
    path, form = li.post_of("登录", code=next_code(secret))
    form["next"] = "//evil.example"
    assert li.client.post(path, data=form).location == "/"


def test_a_second_process_knows_what_the_first_one_counted(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    other = create_app(app.extensions["settings"], stage.runtime)
    for number in range(8):
        guesser = Visitor((app, other)[number % 2]).open("/sign-in")
        guesser.press("登录", login="xiaoli", password="guess")
        assert guesser.status == 422
    for one in (app, other):
        guesser = Visitor(one).open("/sign-in")
        assert guesser.press("登录", login="xiaoli", password=PASSWORD).status == 429


def test_a_secret_shown_in_one_session_is_not_shown_in_another(stage: Stage, visit: As) -> None:
    thief, li = visit("xiaoli"), visit("xiaoli")
    seen = secret_on(thief.open("/second-factor"))
    assert seen == secret_on(thief.open("/second-factor"))
    shown = secret_on(li.open("/second-factor"))
    assert shown != seen
    li.press("启用", code=pyotp.TOTP(shown).now())
    assert "恢复码" in li.words
    assert thief.open("/tasks").headline == "登录"


def test_an_enrolment_begun_elsewhere_meanwhile_begins_anew(stage: Stage, visit: As) -> None:
    li = visit("xiaoli").open("/second-factor")
    shown = secret_on(li)
    path, form = li.post_of("启用", code=pyotp.TOTP(shown).now())
    visit("xiaoli").open("/second-factor")
    li.send((path, form))
    assert li.headline == "设置二次验证" and li.says("二维码已更换，请用手机重新扫描")
    fresh = secret_on(li)
    assert fresh != shown
    assert "恢复码" in li.press("启用", code=pyotp.TOTP(fresh).now()).words


def secret_on(page: Visitor) -> str:
    return "".join(code.text_content() for code in page.page.xpath("//main//code")).replace(" ", "")
