"""Working through tasks by program."""

from typing import Any
from uuid import uuid4

import pytest

from tests.stage import ALL_ITEMS, RETIREE, Stage
from tests.webapp.api.conftest import As, Program
from tests.webapp.api.people import register
from tests.webapp.api.test_cases import WHO, put_on_record


@pytest.fixture
def task(stage: Stage, signed_in: As) -> dict[str, Any]:
    """The first task of a joint case, as its unit sees it."""
    put_on_record(stage)
    stage.start("joint_case", stage.ming, WHO)
    [only] = signed_in("aming").get("tasks").json["tasks"]
    return dict(only)


def submit(program: Program, task: dict[str, Any], **changes: Any) -> Any:
    body = {"revision": task["revision"], "answers": ALL_ITEMS, **changes}
    return program.post(f"tasks/{task['id']}/submit", body)


def test_a_submit_lets_the_case_go_on(task: dict[str, Any], signed_in: As) -> None:
    unit = signed_in("aming")

    done = submit(unit, task)

    assert (done.status_code, done.json["case_no"]) == (200, task["case_no"])
    assert not done.json["closed"]
    assert [row["element"] for row in unit.get("tasks").json["tasks"]] == ["bank_account"]


def test_a_repeated_submit_changes_nothing(task: dict[str, Any], signed_in: As) -> None:
    first = submit(signed_in("aming"), task, submit_key="one")
    again = submit(signed_in("aming"), task, submit_key="one")
    other = submit(signed_in("aming"), task, submit_key="two")

    assert (first.json["repeated"], again.json["repeated"]) == (False, True)
    assert (again.status_code, other.status_code) == (200, 409)


def test_a_stale_submit_says_so(task: dict[str, Any], signed_in: As) -> None:
    stale = submit(signed_in("aming"), task, revision=task["revision"] + 1)

    assert (stale.status_code, stale.json["code"]) == (409, "StaleRevision")


def test_wrong_answers_name_their_fields(task: dict[str, Any], signed_in: As) -> None:
    wrong = submit(signed_in("aming"), task, answers={**ALL_ITEMS, "fund": "everything", "x": 1})

    assert wrong.status_code == 422
    assert set(wrong.json["errors"]) == {"fund", "x"}


def test_a_task_comes_with_its_form(task: dict[str, Any], signed_in: As) -> None:
    shown = signed_in("aming").get(f"tasks/{task['id']}").json

    assert shown["form"]["key"] == "choose_items"
    assert "fund" in shown["form"]["schema"]["properties"]
    assert shown["task"] == task


def test_a_draft_comes_back_with_its_task(task: dict[str, Any], signed_in: As) -> None:
    unit = signed_in("aming")

    saved = unit.post(f"tasks/{task['id']}/draft", {"answers": {"fund": "seal"}})
    shown = unit.get(f"tasks/{task['id']}").json

    assert (saved.status_code, saved.data) == (204, b"")
    assert shown["answers"]["fund"] == "seal"
    assert shown["draft_saved_at"] is not None


def test_a_nonsensical_draft_does_not_break_its_task(task: dict[str, Any], signed_in: As) -> None:
    unit = signed_in("aming")

    for answers in (
        {"fund": {"a": [1]}},
        {"fund": [[["x"]]], "pension": "maybe", "fund_centre": 7},
        {"pension": None, "guide_read": {}, "x": {"y": "z"}},
        {"": "", "名": "😀"},
    ):
        assert unit.post(f"tasks/{task['id']}/draft", {"answers": answers}).status_code == 204
        assert unit.get(f"tasks/{task['id']}").status_code == 200, answers


def test_one_clerk_claims_and_the_other_is_told(stage: Stage, signed_in: As) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    li, mate = signed_in("xiaoli"), signed_in("xiaozhao")
    [task] = li.get("tasks").json["tasks"]
    path = f"tasks/{task['id']}"

    assert li.post(f"{path}/claim").status_code == 204
    assert li.post(f"{path}/claim").status_code == 204
    refused = mate.post(f"{path}/claim")
    assert (refused.status_code, refused.json["code"]) == (409, "AlreadyClaimed")
    assert "小李" in refused.json["message"]
    assert mate.get("tasks").json["tasks"] == []
    assert [row["mine"] for row in li.get("tasks", view="mine").json["tasks"]] == [True]
    assert mate.get(path).json["claimed_by"] == "小李"

    assert mate.post(f"{path}/unclaim").status_code == 409
    assert li.post(f"{path}/unclaim").status_code == 204
    assert mate.post(f"{path}/claim").status_code == 204


def test_lists_go_on_where_the_page_before_ended(stage: Stage, signed_in: As) -> None:
    register(stage, 5)
    clerk = signed_in("xiaoli")
    seen: list[str] = []
    after = ""
    while True:
        page = clerk.get("tasks", limit=2, after=after).json
        seen += [row["id"] for row in page["tasks"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert len(seen) == len(set(seen)) == 5
    assert seen == [row["id"] for row in clerk.get("tasks").json["tasks"]]


def test_filters_narrow_a_list(task: dict[str, Any], signed_in: As) -> None:
    unit = signed_in("aming")

    assert len(unit.get("tasks", region="jilin", case_no=task["case_no"]).json["tasks"]) == 1
    for name in ("region", "element", "item", "subject", "case_no"):
        assert unit.get("tasks", **{name: "别的"}).json["tasks"] == []


def test_a_wrong_filter_is_named(signed_in: As) -> None:
    for field, value in (
        ("view", "all"),
        ("limit", 0),
        ("limit", 10**30),
        ("limit", "ten"),
        ("regoin", "jilin"),
        ("subject", "x" * 999),
    ):
        answer = signed_in("aming").get("tasks", **{field: value})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_made_up_cursor_has_no_next_page(task: dict[str, Any], signed_in: As) -> None:
    for cursor in ("x", "~", f"-~{uuid4()}", f"2027-01-01~{uuid4()}", f"9999~{uuid4()}"):
        assert signed_in("aming").get("tasks", after=cursor).status_code == 200, cursor


def test_a_task_exists_for_nobody_else(task: dict[str, Any], signed_in: As) -> None:
    for stranger in ("rival", "xiaoli", "laowang"):
        program, path = signed_in(stranger), f"tasks/{task['id']}"
        assert program.get(path).status_code == 404
        assert submit(program, task).status_code == 404
        assert program.post(f"{path}/draft", {"answers": {}}).status_code == 404
        assert program.post(f"{path}/claim").status_code == 404
        assert program.post(f"{path}/unclaim").status_code == 404


def test_a_task_that_never_was_is_not_found(signed_in: As) -> None:
    assert signed_in("aming").get(f"tasks/{uuid4()}").status_code == 404
    assert signed_in("aming").get("tasks/none").status_code == 404
