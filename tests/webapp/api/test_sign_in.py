"""Who may call: HTTP Basic, sessions of our own pages, and nobody else."""

import re
from typing import Any

import pytest
from apiflask import APIFlask

import engine.accounts
from engine.accounts import add_account
from engine.models import Account, RoleGrant
from tests.stage import RETIREE, Stage
from tests.webapp.api.conftest import PASSWORD, As
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
