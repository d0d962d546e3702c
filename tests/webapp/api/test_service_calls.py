"""Feedback of agencies: signed, stored as it came, answered at once."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine import jobs
from engine.commands.store_feedback import read_feedback
from engine.models import Feedback, ServiceCall
from handlers.signature import SIGNATURE, TIMESTAMP, agency_key, sign
from tests.handlers.stories import apply_for_everything
from tests.stage import Stage
from tests.webapp.api.conftest import As

SECRET = b"\x44" * 32
BODY = '{"status": "SUCCESS", "说": "任何内容"}'.encode()


@pytest.fixture
def call(stage: Stage) -> ServiceCall:
    """A call to the police that waits for its answer."""
    apply_for_everything(stage)
    with stage.runtime.reading() as session:
        return session.scalars(select(ServiceCall)).one()


def path_of(call_id: UUID) -> str:
    return f"/api/v1/service-calls/{call_id}/feedback"


def signed(call: ServiceCall, body: bytes = BODY, **changes: Any) -> dict[str, str]:
    key = agency_key(SECRET, changes.get("agency", "police"))
    return sign(key, "POST", changes.get("path", path_of(call.id)), body, now=changes.get("now"))


def stored(stage: Stage) -> list[Feedback]:
    with stage.runtime.reading() as session:
        return list(session.scalars(select(Feedback)))


def test_signed_feedback_is_stored_as_it_came(
    stage: Stage, call: ServiceCall, signed_in: As
) -> None:
    answer = signed_in().post(path_of(call.id), BODY, headers=signed(call))

    assert answer.status_code == 202
    feedback_id = UUID(answer.json["feedback_id"])
    assert read_feedback(stage.runtime, feedback_id) == (call.id, call.operation, BODY)
    assert (jobs.APPLY_FEEDBACK, feedback_id) in stage.queue.jobs


def test_what_is_not_signed_right_is_refused_and_not_stored(
    stage: Stage, call: ServiceCall, signed_in: As
) -> None:
    good = signed(call)
    for headers in (
        {},
        {**good, SIGNATURE: "0" * 64},
        {**good, SIGNATURE: "签"},
        {**good, TIMESTAMP: "0"},
        signed(call, b"another body"),
        signed(call, agency="medical"),
        signed(call, path=path_of(uuid4())),
        signed(call, now=0),
    ):
        wire = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        answer = signed_in().post(path_of(call.id), BODY, headers=wire)
        assert (answer.status_code, answer.json["code"]) == (401, "BadSignature")
    assert stored(stage) == []


def test_a_password_is_no_signature(stage: Stage, call: ServiceCall, signed_in: As) -> None:
    assert signed_in("xiaoli").post(path_of(call.id), BODY).status_code == 401
    assert stored(stage) == []


def test_more_than_64_kb_is_not_read(stage: Stage, call: ServiceCall, signed_in: As) -> None:
    for size, status in ((64 * 1024, 202), (64 * 1024 + 1, 413)):
        body = b"x" * size
        answer = signed_in().post(path_of(call.id), body, headers=signed(call, body))
        assert answer.status_code == status
    assert len(stored(stage)) == 1


def test_feedback_on_a_call_never_made_is_not_found(call: ServiceCall, signed_in: As) -> None:
    path = path_of(uuid4())

    assert signed_in().post(path, BODY, headers=signed(call, path=path)).status_code == 404


def test_hostile_bytes_are_stored_for_the_reader_to_judge(
    stage: Stage, call: ServiceCall, signed_in: As
) -> None:
    bodies = [b"", b"\0\xff", b"[" * 60_000, b'{"a":1,"a":2}']
    for body in bodies:
        answer = signed_in().post(path_of(call.id), body, headers=signed(call, body))
        assert answer.status_code == 202

    assert len(stored(stage)) == len(bodies)
