"""登录设备: whose sessions are listed, who may end them, and what an ended one opens: nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import event, func, select, text, update

from engine.api_keys import actor_of_key
from engine.commands.change_operator import switch_operator
from engine.commands.end_sessions import end_own_session, end_sessions_of_account
from engine.commands.make_api_key import make_api_key
from engine.commands.sweep import sweep
from engine.commands.unlock_account import unlock_account
from engine.errors import Conflict, NotFound
from engine.models import Account, AccountEvent, SignInSession, Tries
from engine.settings import Settings
from engine.sign_in_sessions import id_of
from tests.stage import RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import PASSWORD, Visitor
from webapp import create_app
from webapp.browser import browser_of, device_in_words, short_address

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0"
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1 MicroMessenger/8.0"


def sessions(stage: Stage) -> list[SignInSession]:
    with stage.runtime.reading() as session:
        return list(session.scalars(select(SignInSession).order_by(SignInSession.begun_at)))


def token_of(visitor: Visitor) -> str:
    with visitor.client.session_transaction() as session:
        return str(session["_user_id"])


def test_a_device_is_said_in_words_and_an_address_not_wholly() -> None:
    assert device_in_words(EDGE) == "Windows · Edge"
    assert device_in_words(WECHAT) == "iPhone · 微信"
    assert device_in_words("") == device_in_words("curl") == "其他设备"
    assert short_address("10.12.3.4") == "10.12.3.*"
    assert short_address("2001:db8:1:2::3") == "2001:db8:1:*"
    assert short_address("127.0.0.1") == "本机"
    assert short_address(None) == short_address("nonsense") == ""


def test_every_kind_of_account_sees_its_own_devices_only(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    visit("xiaoli")
    for login in ("aming", "rival", "xiaoli"):
        page = visit(login).open("/devices/")
        assert page.headline == "我的登录设备"
        mine = 2 if login == "xiaoli" else 1
        assert len(page.page.xpath("//section[@aria-label='登录设备']//tbody/tr")) == mine
        assert page.says("正在使用", "本系统账号")
    with app.test_request_context(headers={"User-Agent": EDGE}):
        from flask import request  # noqa: PLC0415

        assert browser_of(request).device == "Windows · Edge"


def test_what_lies_in_the_cookie_is_not_what_lies_in_the_table(stage: Stage, visit: As) -> None:
    li = visit("xiaoli")
    [kept] = sessions(stage)
    assert kept.id == id_of(token_of(li)) and token_of(li).encode() not in kept.id


def test_somebody_else_s_session_cannot_be_ended(stage: Stage, visit: As) -> None:
    li = visit("xiaoli")
    with pytest.raises(NotFound):
        end_own_session(stage.runtime, id_of(token_of(li)), stage.ming)
    ming = visit("aming").open("/devices/")
    path, form = ming.post_of("退出")
    for other in (id_of(token_of(li)).hex(), "zz", "00"):
        ming.send((f"/devices/{other}/end", form))
        assert ming.says("该设备已经退出")
    assert path == "/sign-out"
    assert li.open("/tasks").headline == "我的待办"


@pytest.mark.parametrize(
    "facts",
    [
        {"revoked_at": func.now()},
        {"ends_at": func.now() - timedelta(seconds=1)},
        {"seen_at": func.now() - timedelta(minutes=121)},
        {"waiting": True},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_an_ended_session_is_a_stranger_s_at_once(
    stage: Stage, visit: As, facts: dict[str, object]
) -> None:
    li = visit("xiaoli")
    with stage.runtime.transaction() as session:
        session.execute(update(SignInSession).values(**facts))
    assert li.open("/tasks").headline == "登录"
    assert li.client.get("/api/v1/tasks").status_code == 401


def test_applicants_are_signed_out_sooner(stage: Stage, visit: As) -> None:
    ming = visit("aming")
    with stage.runtime.transaction() as session:
        session.execute(update(SignInSession).values(seen_at=func.now() - timedelta(minutes=31)))
    assert ming.open("/my/").headline == "登录"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: APIFlask, visit: As) -> None:
    li = visit("xiaoli")
    token = token_of(li)
    li.press("退出")
    thief = Visitor(app)
    with thief.client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    assert thief.open("/tasks").headline == "登录"


def test_signing_in_again_ends_what_the_browser_had_before(stage: Stage, visit: As) -> None:
    li = visit("xiaoli")
    path, form = visit().open("/sign-in").post_of("登录", login="xiaoli", password=PASSWORD)
    with li.client.session_transaction() as session:
        before = session["_user_id"]
    li.open("/tasks")
    form["csrf_token"] = li.page.xpath("//input[@name='csrf_token']")[0].get("value")
    li.send((path, form))
    first, second = sessions(stage)
    assert first.id == id_of(before) and first.revoked_at is not None and second.revoked_at is None


def test_a_request_costs_no_more_statements_than_the_rights_it_reads(
    stage: Stage, app: APIFlask, visit: As
) -> None:
    li = visit("xiaoli").open("/tasks")
    sent: list[str] = []
    engine = stage.runtime.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    li.client.get("/api/v1/none")  # signed in, and then nothing
    assert len([one for one in sent if "account" in one or "role_grant" in one]) == 2
    assert not [one for one in sent if one.lstrip().lower().startswith(("update", "insert"))]
    sent.clear()
    with stage.runtime.transaction() as session:
        session.execute(update(SignInSession).values(seen_at=func.now() - timedelta(minutes=2)))
    sent.clear()
    for _ in range(3):
        li.client.get("/api/v1/none")
    assert len([one for one in sent if one.startswith("UPDATE sign_in_session")]) == 1


def test_an_administrator_looks_after_accounts_of_the_region_only(stage: Stage, visit: As) -> None:
    assert stage.wang.account_id and stage.ming.account_id and stage.li.account_id
    for foreign in (stage.wang, stage.ming):  # 阿明's unit has nobody on file yet
        assert foreign.account_id
        for command in (end_sessions_of_account, unlock_account):
            with pytest.raises(NotFound):
                command(stage.runtime, foreign.account_id, stage.li)
        assert visit("xiaoli").open(f"/admin/people/{foreign.account_id}").status == 404
    stage.start("record_prereview", stage.li, RETIREE)
    ming = visit("aming")
    assert end_sessions_of_account(stage.runtime, stage.ming.account_id, stage.li) == 1
    assert ming.open("/my/").headline == "登录"
    with pytest.raises(Conflict):
        unlock_account(stage.runtime, stage.li.account_id, stage.li)
    assert visit("aming").open(f"/admin/people/{stage.li.account_id}").status == 403
    with stage.runtime.reading() as session:
        titles = session.scalars(select(AccountEvent.title)).all()
    assert titles == ["退出阿明的全部 1 台设备"]


def test_the_list_of_accounts_links_to_those_of_the_region(stage: Stage, visit: As) -> None:
    page = visit("xiaoli").open("/admin/people")
    linked = {one.text for one in page.page.xpath("//td/a")}
    assert linked == {"小李", "小赵"}
    page.follow("小赵")
    assert page.says("二次验证：", "未设置", "当前没有登录")


def test_a_lock_is_told_to_the_administrator_and_lifted(stage: Stage, visit: As) -> None:
    stranger = visit().open("/sign-in")
    for _ in range(8):
        stranger.press("登录", login="xiaozhao", password="guess")
    li = visit("xiaoli").open("/admin/people").follow("小赵")
    assert li.says("已锁定", "15 分钟后自动解除", "小赵的密码连续输错 8 次，锁定 15 分钟")
    li.press("解除锁定")
    assert li.says("已解除锁定", "解除小赵的锁定")
    stranger.press("登录", login="xiaozhao", password=PASSWORD)
    assert stranger.headline == "我的待办"


def test_a_lock_ends_by_itself_and_success_begins_anew(stage: Stage, visit: As) -> None:
    stranger = visit().open("/sign-in")
    for _ in range(8):
        stranger.press("登录", login="xiaoli", password="guess")
    with stage.runtime.transaction() as session:
        session.execute(update(Tries).values(ends_at=func.now()))
    for _ in range(7):
        stranger.press("登录", login="xiaoli", password="guess")
        assert stranger.status == 422
    stranger.press("登录", login="xiaoli", password=PASSWORD)
    assert stranger.headline == "我的待办"
    with stage.runtime.reading() as session:
        assert "login" not in session.scalars(select(Tries.kind)).all()


def test_one_address_may_fail_for_many_but_not_for_ever(stage: Stage, settings: Settings) -> None:
    app = create_app(replace(settings, proxies=1), stage.runtime)
    stranger, neighbour = Visitor(app), Visitor(app)
    # what somebody writes there themselves stands before what the proxy adds
    stranger.client.environ_base["HTTP_X_FORWARDED_FOR"] = "10.9.9.9, 10.12.3.4"
    neighbour.client.environ_base["HTTP_X_FORWARDED_FOR"] = "10.12.3.5"
    stranger.open("/sign-in")
    neighbour.open("/sign-in")
    for number in range(80):
        stranger.press("登录", login=f"nobody{number}", password="guess")
        assert stranger.status == 422
    stranger.press("登录", login="xiaoli", password=PASSWORD)
    assert stranger.status == 429
    neighbour.press("登录", login="xiaoli", password=PASSWORD)
    assert neighbour.open("/devices/").says("10.12.3.*")


def test_what_was_typed_is_kept_nowhere(
    stage: Stage, visit: As, capsys: pytest.CaptureFixture[str]
) -> None:
    number = RETIREE["id_no"]
    stranger = visit().open("/sign-in")
    for _ in range(9):
        stranger.press("登录", login=number, password=number)
    said = capsys.readouterr()
    assert "sign-in failed" in said.out + said.err
    assert number not in said.out + said.err
    with stage.runtime.reading() as session:
        rows = session.scalars(text("select t::text from tries t")).all()
        rows += session.scalars(text("select t::text from account_event t")).all()
    assert rows and not [row for row in rows if re.search(number[:6], row)]


def test_an_unknown_login_is_verified_against_a_hash_too(
    stage: Stage, visit: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    import engine.accounts  # noqa: PLC0415

    seen: list[str] = []
    hasher = engine.accounts._hasher

    class Watched:
        def verify(self, known: str, given: str) -> bool:
            seen.append(known[:9])
            return hasher.verify(known, given)

    monkeypatch.setattr(engine.accounts, "_hasher", Watched())
    with stage.runtime.transaction() as session:
        for login, facts in (
            ("laowang", {"active": False}),
            ("rival", {"password_hash": engine.accounts.NO_PASSWORD}),  # the platform's
        ):
            session.execute(update(Account).where(Account.login == login).values(**facts))
    stranger = visit().open("/sign-in")
    for login in ("xiaoli", "nobody", "laowang", "rival"):
        for password in ("guess", "nobody", PASSWORD if login != "xiaoli" else "wrong"):
            stranger.press("登录", login=login, password=password)
            assert stranger.status == 422
    assert seen == ["$argon2id"] * 12


def test_a_session_does_not_come_back_with_its_account(stage: Stage, visit: As) -> None:
    boss = stage.account("guanliyuan", "关丽媛", "unit", unit_id=stage.unit_id, unit_admin=True)
    ming = visit("aming")
    assert stage.ming.account_id
    for active in (False, True):
        switch_operator(stage.runtime, stage.ming.account_id, active, boss)
        assert ming.open("/my/").headline == "登录"
    assert visit("aming").open("/my/").headline == "企业办事"


def test_the_sweep_forgets_what_is_long_over(stage: Stage, visit: As) -> None:
    visit("xiaoli")
    visit("xiaoli")
    stranger = visit().open("/sign-in")
    stranger.press("登录", login="nobody", password="guess")
    old, _ = sessions(stage)
    with stage.runtime.transaction() as session:
        long_ago = func.now() - timedelta(days=31)
        session.execute(
            update(SignInSession).where(SignInSession.id == old.id).values(ends_at=long_ago)
        )
        session.execute(update(Tries).values(ends_at=func.now()))
    sweep(stage.runtime)
    assert old.id not in [one.id for one in sessions(stage)] and len(sessions(stage)) == 1
    with stage.runtime.reading() as session:
        assert session.scalars(select(Tries.kind)).all() == []


def test_guesses_at_the_old_password_are_counted_as_at_the_door(visit: As) -> None:
    li = visit("xiaoli").open("/password")
    for _ in range(8):
        li.press("保存", old="guess", new="another long password")
        assert li.says("原密码不正确")
    li.press("保存", old=PASSWORD, new="another long password")
    assert li.says("输错次数过多")


def test_a_new_password_ends_the_keys_made_with_the_old_one(stage: Stage, visit: As) -> None:
    key = make_api_key(stage.runtime, "日报表", stage.li)
    with stage.runtime.reading() as session:
        assert actor_of_key(session, "xiaoli", key) is not None
    li = visit("xiaoli").open("/password")
    li.press("保存", old=PASSWORD, new="another long password")
    with stage.runtime.reading() as session:
        assert actor_of_key(session, "xiaoli", key) is None
