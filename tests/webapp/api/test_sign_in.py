"""Who may call: HTTP Basic, sessions of our own pages, and nobody else."""

import re
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, func, select, update

import engine.accounts
from engine.accounts import add_account
from engine.commands.end_api_keys import end_api_key, end_api_keys_of_account
from engine.commands.make_api_key import make_api_key
from engine.errors import Forbidden, Invalid, NotFound
from engine.models import Account, ApiKey, RoleGrant
from tests.stage import RETIREE, Stage
from tests.webapp.api.conftest import PASSWORD, As, Program
from tests.webapp.pages.visitor import Visitor
from webapp.api import basic
from webapp.api.basic import REMEMBERED_SECONDS


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were verified the slow way."""
    seen: list[str] = []
    hasher = engine.accounts._hasher

    class Watched:
        def verify(self, known: str, given: str) -> bool:
            seen.append(given)
            return hasher.verify(known, given)

        def hash(self, password: str) -> str:
            return hasher.hash(password)

    monkeypatch.setattr(engine.accounts, "_hasher", Watched())
    return seen


def change(stage: Stage, login: str, **facts: Any) -> None:
    with stage.runtime.transaction() as session:
        account = session.query(Account).filter_by(login=login).one()
        for name, value in facts.items():
            setattr(account, name, value)


def test_strangers_are_asked_to_sign_in(app: APIFlask, signed_in: As) -> None:
    guarded = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_")
        and not rule.endpoint.startswith(("api_service_calls", "api_health"))
    ]
    assert len(guarded) >= 15
    for rule in guarded:
        path = re.sub(r"<uuid:\w+>", "01a1fbe8-d9ec-77aa-a879-12cf78d7095f", rule.rule)
        path = re.sub(r"<\w+>", "x", path)
        method = "POST" if "POST" in rule.methods else "GET"
        answer = signed_in().client.open(path, method=method)
        assert (answer.status_code, answer.json["code"]) == (401, "Unauthorized"), path
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_what_is_no_end_point_is_refused_as_json(signed_in: As) -> None:
    for program, statuses in (
        (signed_in(), (401, 401, 401)),
        (signed_in("xiaoli"), (404, 404, 405)),
    ):
        answers = [
            program.client.open(path, method=method, auth=program.auth)
            for path, method in (
                ("/api/v1/none", "GET"),
                ("/api/v1/none", "POST"),
                ("/api/v1/tasks", "DELETE"),
            )
        ]
        assert tuple(answer.status_code for answer in answers) == statuses
        assert all(answer.json["message"] for answer in answers)


def test_wrong_credentials_are_refused(signed_in: As) -> None:
    program = signed_in("xiaoli")
    assert program.get("tasks").status_code == 200

    for wrong in (
        ("xiaoli", "wrong"),
        ("xiaoli", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("xiaoli\0", PASSWORD),
        ("x" * 10_000, "y" * 10_000),
        ("小李", "密码"),
        ("xiaoli" + PASSWORD, ""),
    ):
        program.auth = wrong
        assert program.get("tasks").status_code == 401, wrong


def test_a_malformed_header_is_no_sign_in(signed_in: As) -> None:
    for header in ("Basic", "Basic !", "Basic Og==", "Basic /w==", "Bearer x", "x"):
        answer = signed_in().client.get("/api/v1/tasks", headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_a_password_is_verified_once_a_minute(
    verified: list[str], signed_in: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert signed_in("xiaoli").get("tasks").status_code == 200
    assert verified == [PASSWORD]

    now = basic.time.monotonic()
    monkeypatch.setattr(basic.time, "monotonic", lambda: now + REMEMBERED_SECONDS + 1)
    assert signed_in("xiaoli").get("tasks").status_code == 200
    assert len(verified) == 2


def test_a_wrong_password_is_never_remembered(verified: list[str], signed_in: As) -> None:
    for _ in range(2):
        assert signed_in("xiaoli", "wrong").get("tasks").status_code == 401
    assert verified == ["wrong", "wrong"]


def test_a_disabled_account_fails_at_once(stage: Stage, signed_in: As) -> None:
    program = signed_in("xiaoli")
    assert program.get("tasks").status_code == 200

    change(stage, "xiaoli", active=False)

    assert program.get("tasks").status_code == 401


def test_a_changed_password_counts_at_once(stage: Stage, signed_in: As) -> None:
    assert signed_in("xiaoli").get("tasks").status_code == 200

    change(stage, "xiaoli", password_hash=engine.accounts._hasher.hash("another"))

    assert signed_in("xiaoli").get("tasks").status_code == 401
    assert signed_in("xiaoli", "another").get("tasks").status_code == 200


def test_a_right_taken_away_is_gone_at_once(stage: Stage, signed_in: As) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    assert len(signed_in("xiaoli").get("tasks").json["tasks"]) == 1

    with stage.runtime.transaction() as session:
        session.query(RoleGrant).delete()

    assert signed_in("xiaoli").get("tasks").json["tasks"] == []


def test_guessing_is_slowed_down(signed_in: As) -> None:
    for _ in range(8):
        assert signed_in("xiaoli", "guess").get("tasks").status_code == 401

    shut = signed_in("xiaoli").get("tasks")

    assert (shut.status_code, shut.json["code"]) == (429, "TooManyRequests")
    assert signed_in("xiaozhao").get("tasks").status_code == 200


def test_a_session_changes_things_only_with_its_token(app: APIFlask, stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    browser = app.test_client()
    form = browser.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    browser.post("/sign-in", data={"login": "xiaoli", "password": PASSWORD, "csrf_token": token[1]})
    [task] = browser.get("/api/v1/tasks").json["tasks"]
    path = f"/api/v1/tasks/{task['id']}/claim"

    assert browser.post(path).status_code == 403
    assert browser.post(path, headers={"X-CSRFToken": "made up"}).status_code == 403
    page = browser.get(f"/tasks/{task['id']}").text
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert fresh
    assert browser.post(path, headers={"X-CSRFToken": fresh[1]}).status_code == 204


def test_no_foreign_page_acts_through_a_browser_that_knows_a_password(
    stage: Stage, signed_in: As
) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    program = signed_in("xiaoli")
    [task] = program.get("tasks").json["tasks"]

    for site in ("cross-site", "same-site"):
        answer = program.post(f"tasks/{task['id']}/claim", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert program.get("tasks", view="mine").json["tasks"] == []


def test_many_accounts_do_not_fill_memory(
    stage: Stage, signed_in: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basic, "MOST_REMEMBERED", 2)
    with stage.runtime.transaction() as session:
        for number in range(4):
            add_account(session, f"robot{number}", "机器", PASSWORD, "staff")

    for number in range(4):
        assert signed_in(f"robot{number}").get("tasks").status_code == 200
    assert len(basic.recent._entries) == 2


def test_basic_opens_the_api_only(signed_in: As) -> None:
    assert signed_in("xiaoli").get("/tasks").status_code == 302  # to the sign-in page


@pytest.fixture
def key(stage: Stage) -> str:
    return make_api_key(stage.runtime, "叫号系统", stage.li)


def test_where_a_second_factor_is_asked_a_password_alone_opens_nothing(
    app: APIFlask, signed_in: As, key: str
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], second_factor="staff")
    for _ in range(2):
        answer = signed_in("xiaoli").get("tasks")
        assert answer.status_code == 403 and "接口密钥" in answer.json["message"]
    assert signed_in("xiaoli", "wrong").get("tasks").status_code == 401
    assert signed_in("aming").get("tasks").status_code == 200
    assert signed_in("xiaoli", key).get("tasks").status_code == 200


def test_whoever_enrolled_a_second_factor_sends_a_key_too(stage: Stage, signed_in: As) -> None:
    assert signed_in("xiaoli").get("tasks").status_code == 200
    change(stage, "xiaoli", second_factor_at=stage.clock.now())
    assert signed_in("xiaoli").get("tasks").status_code == 403


def test_a_key_opens_the_api_of_its_own_account_until_it_ends(
    stage: Stage, signed_in: As, key: str
) -> None:
    program = signed_in("xiaoli", key)
    assert program.get("tasks").status_code == 200
    assert program.get("/tasks").status_code == 302  # never pages
    assert signed_in("xiaozhao", key).get("tasks").status_code == 401
    assert signed_in("xiaoli", key + "x").get("tasks").status_code == 401
    with stage.runtime.reading() as session:
        kept = session.scalars(select(ApiKey)).one()
    assert key.encode() not in bytes(kept.key_hash)
    with pytest.raises(NotFound):
        end_api_key(stage.runtime, kept.id, stage.mate)
    end_api_key(stage.runtime, kept.id, stage.li)
    assert program.get("tasks").status_code == 401


@pytest.mark.parametrize("over", ["ends_at", "revoked_at"])
def test_a_key_that_ended_opens_nothing(stage: Stage, signed_in: As, key: str, over: str) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(ApiKey).values({over: func.now()}))
    assert signed_in("xiaoli", key).get("tasks").status_code == 401


def test_a_key_outlives_guessing_but_not_its_account(stage: Stage, signed_in: As, key: str) -> None:
    for _ in range(8):
        signed_in("xiaoli", "guess").get("tasks")
    assert signed_in("xiaoli").get("tasks").status_code == 429
    assert signed_in("xiaoli", key).get("tasks").status_code == 200
    change(stage, "xiaoli", active=False)
    assert signed_in("xiaoli", key).get("tasks").status_code == 401


def test_keys_are_for_staff_few_and_named(stage: Stage, app: APIFlask) -> None:
    with pytest.raises(Forbidden):
        make_api_key(stage.runtime, "叫号系统", stage.ming)
    with pytest.raises(Invalid):
        make_api_key(stage.runtime, " ", stage.li)
    for number in range(5):
        make_api_key(stage.runtime, f"系统 {number}", stage.li)
    with pytest.raises(Invalid):
        make_api_key(stage.runtime, "系统 6", stage.li)


def test_a_key_is_made_and_ended_on_the_page_and_shown_once(app: APIFlask) -> None:
    li = Visitor(app, "xiaoli").open("/devices/")
    li.press("生成密钥", title="叫号系统")
    [shown] = li.page.xpath("//p[contains(@class, 'app-key')]/code")
    assert (
        Program(app.test_client(use_cookies=False), "xiaoli", shown.text).get("tasks").status_code
        == 200
    )
    assert shown.text not in li.open("/devices/").text
    li.press("停用")
    assert li.says("密钥已停用")
    li.press("生成密钥", title="")
    assert li.status == 422 and li.says("请写明用途")


def test_an_administrator_ends_the_keys_of_an_account(
    stage: Stage, app: APIFlask, signed_in: As, key: str
) -> None:
    page = Visitor(app, "xiaozhao").open("/admin/people").follow("小李")
    assert page.says("接口密钥：叫号系统")
    page.press("停用全部密钥")
    assert page.says("已停用 1 个接口密钥", "停用小李的全部 1 个接口密钥")
    assert signed_in("xiaoli", key).get("tasks").status_code == 401
    assert stage.li.account_id
    with pytest.raises(NotFound):
        end_api_keys_of_account(stage.runtime, stage.li.account_id, stage.wang)


def test_a_program_s_requests_cost_two_statements_to_sign_in(
    stage: Stage, signed_in: As, key: str
) -> None:
    sent: list[str] = []
    engine = stage.runtime.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    for password in (PASSWORD, key):
        program = signed_in("xiaoli", password)
        program.get("none")
        sent.clear()
        assert program.get("none").status_code == 404
        assert len(sent) == 2, sent
