"""Whatever is sent: a clear refusal, never an error of ours, and nothing changed."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, true

from engine.models import Case, CaseEvent, CaseSection
from tests.stage import ALL_ITEMS, Stage
from tests.webapp.api.conftest import As, Program
from tests.webapp.api.test_cases import WHO, put_on_record

NOT_JSON = {
    "nothing": b"",
    "half": b'{"region": "jilin"',
    "two": b"{}{}",
    "key twice": b'{"region":"jilin","region":"x","process":"joint_case","answers":{}}',
    "key twice inside": b'{"region":"jilin","process":"joint_case","answers":{"a":1,"a":1}}',
    "not a number": b'{"region":"jilin","process":"joint_case","answers":{"a":NaN}}',
    "endless number": b'{"region":"jilin","process":"joint_case","answers":{"a":1e999}}',
    "long number": b'{"region":"jilin","process":"joint_case","answers":{"a":'
    + b"9" * 9000
    + b"}}",
    "NUL": b'{"region":"jilin\\u0000","process":"joint_case","answers":{}}',
    "NUL in a key": b'{"region":"jilin","process":"joint_case","answers":{"\\u0000":1}}',
    "bare NUL": b'{"region":"jilin\0","process":"joint_case","answers":{}}',
    "half a pair": b'{"region":"jilin","process":"joint_case","answers":{"a":"\\ud800"}}',
    "latin-1": b'{"region":"jilin","process":"joint_case","answers":{"a":"\xe9"}}',
    "utf-16": '{"region":"jilin"}'.encode("utf-16"),
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "deep answers": b'{"region":"jilin","process":"joint_case","answers":{"a":'
    + b"[" * 500
    + b"]" * 500
    + b"}}",
    "deep beyond the interpreter": b'{"a":' + b"[" * 990 + b"]" * 990 + b"}",
    "form": b"region=jilin&process=joint_case",
}
WRONG_SHAPE: dict[str, tuple[Any, set[str]]] = {
    "null": (None, {"region", "process", "answers"}),
    "list": ([], {""}),
    "text": ("jilin", {""}),
    "number": (7, {""}),
    "empty": ({}, {"region", "process", "answers"}),
    "wrong types": ({"region": 1, "process": [], "answers": "x"}, {"region", "process", "answers"}),
    "answers list": ({"region": "jilin", "process": "joint_case", "answers": []}, {"answers"}),
    "unknown": (
        {"region": "jilin", "process": "joint_case", "answers": {}, "__proto__": {}, "é": 1},
        {"__proto__", "é"},
    ),
    "long": ({"region": "x" * 41, "process": "joint_case", "answers": {}}, {"region"}),
}


@pytest.fixture
def unit(stage: Stage, signed_in: As) -> Program:
    """A program of a unit that could start a case."""
    put_on_record(stage)
    return signed_in("aming")


@pytest.fixture
def task_path(stage: Stage, unit: Program) -> str:
    """An open task of that unit."""
    stage.start("joint_case", stage.ming, WHO)
    [task] = unit.get("tasks").json["tasks"]
    return f"tasks/{task['id']}"


def changes(stage: Stage) -> list[int | None]:
    """How much there is of everything a submit could write, but the note that it was refused."""
    with stage.runtime.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(table).where(which))
            for table, which in (
                (Case, true()),
                (CaseSection, true()),
                (CaseEvent, CaseEvent.kind != "submit_refused"),
            )
        ]


def test_what_is_no_sound_json_is_400(stage: Stage, unit: Program) -> None:
    before = changes(stage)
    for name, body in NOT_JSON.items():
        answer = unit.post("cases", body)
        assert (name, answer.status_code, answer.json["code"]) == (name, 400, "BadRequest")
        assert "JSON" in answer.json["message"]
    assert changes(stage) == before


def test_what_has_another_shape_is_422_and_named(stage: Stage, unit: Program) -> None:
    before = changes(stage)
    for name, (body, fields) in WRONG_SHAPE.items():
        answer = unit.post("cases", json.dumps(body).encode())
        assert (name, answer.status_code) == (name, 422)
        assert set(answer.json["errors"]) == fields, name
    assert changes(stage) == before


def test_an_address_with_a_nul_is_refused_in_words_about_addresses(
    unit: Program,
) -> None:
    answer = unit.get("calendar", region="a\0b")
    assert answer.status_code == 400
    assert "地址" in answer.json["message"]


def test_more_than_a_megabyte_is_413(unit: Program) -> None:
    answer = unit.post("cases", b'{"region": "' + b"x" * 1024 * 1024 + b'"}')

    assert (answer.status_code, answer.json["code"]) == (413, "RequestEntityTooLarge")


def test_other_content_types_are_415(unit: Program, task_path: str) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = unit.post(f"{task_path}/submit", b"{}", content_type=content_type)
        assert (answer.status_code, answer.json["code"]) == (415, "NotJson")


def test_answers_beyond_all_measure_are_422(stage: Stage, unit: Program, task_path: str) -> None:
    before = changes(stage)
    deep: Any = 1
    for _ in range(30):
        deep = {"a": deep}
    for answers in (
        deep,
        {str(number): 1 for number in range(20_000)},
        {"fund": "x" * 300_000},
        {"fund": 10**30},
        {"fund": ["x"] * 20_000},
    ):
        answer = unit.post(f"{task_path}/submit", {"revision": 0, "answers": answers})
        assert answer.status_code == 422
        assert len(answer.data) < 2000, "what was sent is not sent back"
    assert changes(stage) == before


def test_a_revision_is_a_whole_number(unit: Program, task_path: str) -> None:
    for revision in (-1, 2**31, 10**30, "0", 0.0, 0.5, True, None, [0], {"revision": 0}):
        answer = unit.post(f"{task_path}/submit", {"revision": revision, "answers": ALL_ITEMS})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["revision"]), revision


def test_addresses_with_nul_are_refused(unit: Program) -> None:
    for path in ("cases/%00", "cases/JL%001/events", "forms/%00?region=jilin", "tasks?subject=%00",
                 "cases?q=%00", "processes?region=%00"):  # fmt: skip
        answer = unit.client.get(f"/api/v1/{path}", auth=unit.auth)
        assert (path, answer.status_code) == (path, 400)


def test_strange_addresses_are_not_found(unit: Program) -> None:
    for path in ("cases/%F0%9F%98%80", "cases/%ff%fe", "cases/'%20or%201=1--", "cases/%25", "none",
                 "tasks/1/submit", "cases/" + "9" * 5000):  # fmt: skip
        answer = unit.client.get(f"/api/v1/{path}", auth=unit.auth)
        assert (path, answer.status_code) == (path, 404)
        assert answer.json["message"]


def test_search_text_is_text_and_nothing_else(unit: Program) -> None:
    for text in ("%", "_", "'", "\\", "JL%", "%1", "1' or '1'='1", "😀", "\u202e"):
        assert unit.get("cases", q=text).json["cases"] == [], text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from([*ALL_ITEMS, "x"]) | st.text(), children, max_size=6)
    ),
    max_leaves=12,
)


def test_no_body_is_an_error_of_ours(stage: Stage, unit: Program, task_path: str) -> None:
    """Whatever anybody sends to a task: 2xx or a refusal that names the reason."""

    @settings(max_examples=120, suppress_health_check=list(HealthCheck))
    @given(body=json_values, end=st.sampled_from(["submit", "draft"]), wrap=st.booleans())
    def send(body: Any, end: str, wrap: bool) -> None:
        if wrap:
            body = {"revision": 0, "answers": body} if end == "submit" else {"answers": body}
        answer = unit.post(f"{task_path}/{end}", json.dumps(body).encode("utf-8"))
        assert answer.status_code in (200, 204, 400, 409, 422)
        if answer.status_code >= 400:
            assert set(answer.json) == {"code", "message", "errors"}
        assert unit.get(task_path).status_code in (200, 404)

    send()


@given(raw=st.binary(max_size=200))
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_no_bytes_are_an_error_of_ours(raw: bytes, bytes_taker: Program) -> None:
    answer = bytes_taker.post("messages", raw)

    assert answer.status_code in (400, 422)


@pytest.fixture
def bytes_taker(signed_in: As) -> Program:
    """An administrator's program: nobody it names exists."""
    return signed_in("xiaoli")


def test_ids_are_ids(unit: Program) -> None:
    for made_up in (UUID(int=0), "0" * 32, "x", "../tasks"):
        assert unit.post(f"tasks/{made_up}/claim").status_code == 404
