"""The sandbox plays every outcome, and plays each request only once."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from engine.errors import AgencyReplyUnreadable, AgencyUnavailable, Invalid
from engine.operations import operations
from handlers.envelope import Reply, Request, read_reply
from handlers.sandbox import Behaviour, Office, results
from tests.handlers.conftest import BUSINESS, NOON, SECRET, Receiver, Sandbox

_ID = UUID("01890000-0000-7000-8000-000000000001")


def send(sandbox: Sandbox, request: Request) -> Reply:
    with sandbox.adapter(request.operation) as agency:
        raw = agency.send(request)
    return read_reply(raw, operations.get(request.operation), request.request_id)


def said(receiver: Receiver) -> list[str]:
    return [json.loads(raw)["status"] for raw in receiver.got]


@pytest.mark.parametrize("operation", sorted(BUSINESS))
def test_every_operation_ends_in_a_success_we_can_read(
    sandbox: Sandbox, receiver: Receiver, operation: str
) -> None:
    receiver.agency = operation.split("/", maxsplit=1)[0]
    request = sandbox.request(operation, callback_url=receiver.address)
    reply = send(sandbox, request)
    if operation != "police/household_check":
        assert reply.status == "ACCEPTED"
        assert sandbox.courier.carry() == 0
        assert sandbox.later() == 1
        reply = read_reply(receiver.got[0], operations.get(operation), request.request_id)
    assert reply.status == "SUCCESS"
    assert sandbox.audit(request) == {
        "request_id": str(request.request_id),
        "operation": operation,
        "case_no": request.case_no,
        "status": "SUCCESS",
        "cancelled": False,
        "received": 1,
        "effects": 1,
    }


def test_an_agency_it_was_never_told_about_gets_an_answer_that_fits() -> None:
    for operation in operations:
        business = results.sample(operation.reply, NOON)
        raw = json.dumps({"request_id": str(_ID), "status": "SUCCESS", "business": business})
        assert read_reply(raw.encode(), operation, _ID).business


@pytest.mark.parametrize("operation", sorted(BUSINESS))
def test_every_registered_refusal_can_be_played(sandbox: Sandbox, operation: str) -> None:
    for code in operations.get(operation).refusals:
        sandbox.tell("reply", operation=operation, status="FAILED", reason_code=code)
        reply = send(sandbox, sandbox.request(operation))
        assert (reply.status, reply.reason_code) == ("FAILED", code)
        assert reply.reason_text == operations.get(operation).refusals[code]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("accept", ["SUCCESS"]),
        ("refuse", ["FAILED"]),
        ("supplement", ["SUPPLEMENT", "SUCCESS"]),
        ("condition", ["PENDING_CONDITION", "SUCCESS"]),
        ("duplicate", ["SUCCESS", "SUCCESS", "SUCCESS"]),
        ("wait", []),
    ],
)
def test_each_behaviour_tells_its_story(
    sandbox: Sandbox, receiver: Receiver, kind: str, told: list[str]
) -> None:
    sandbox.tell(kind)
    request = sandbox.request(callback_url=receiver.address)
    assert send(sandbox, request).status == "ACCEPTED"
    sandbox.later()
    sandbox.later()
    assert said(receiver) == told
    assert sandbox.audit(request)["effects"] == int("SUCCESS" in told)


def test_a_system_error_leaves_nothing_and_the_next_attempt_is_taken(sandbox: Sandbox) -> None:
    sandbox.tell("fail")
    request = sandbox.request()
    with pytest.raises(AgencyUnavailable, match="500"):
        send(sandbox, request)
    assert send(sandbox, request.model_copy(update={"attempt": 2})).status == "ACCEPTED"


def test_late_feedback_comes_even_after_cancelling(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.tell("late", delay_seconds=3600)
    request = sandbox.request(callback_url=receiver.address)
    send(sandbox, request)
    with sandbox.adapter() as medical:
        assert medical.cancel(request.request_id, "申请人撤回")
    assert sandbox.later(60) == 0
    assert sandbox.later(3600) == 1
    assert sandbox.audit(request)["cancelled"] is True


def test_the_same_request_twice_has_one_effect(sandbox: Sandbox) -> None:
    sandbox.tell("success")
    request = sandbox.request()
    first = send(sandbox, request)
    again = send(sandbox, request.model_copy(update={"attempt": 2}))
    assert again == first
    assert sandbox.audit(request) | {"received": 2, "effects": 1} == sandbox.audit(request)


def test_the_same_number_for_something_else_is_refused(sandbox: Sandbox) -> None:
    request = sandbox.request()
    send(sandbox, request)
    other = request.model_copy(update={"case_no": "JL2027052000002"})
    with pytest.raises(AgencyReplyUnreadable, match="409"):
        send(sandbox, other)


@pytest.mark.parametrize(
    "changes",
    [
        {"business": {}},
        {"business": {**BUSINESS["medical/retire"], "extra": 1}},
        {"agency_code": "police"},
    ],
)
def test_a_request_that_does_not_fit_is_refused(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    with pytest.raises(AgencyReplyUnreadable, match="422"):
        send(sandbox, sandbox.request(**changes))


def test_the_closest_instruction_counts_and_is_used_up(sandbox: Sandbox) -> None:
    tell = sandbox.office.instructions.add
    tell(Behaviour("wait"), times=None)
    tell(Behaviour("success"), operation="medical/retire", times=None)
    tell(Behaviour("reply", status="PENDING_CONDITION"), person="张建国")
    assert send(sandbox, sandbox.request()).status == "PENDING_CONDITION"
    assert send(sandbox, sandbox.request()).status == "SUCCESS"
    assert send(sandbox, sandbox.request("housing_fund/seal")).status == "ACCEPTED"


def test_an_instruction_that_cannot_be_followed_is_refused(sandbox: Sandbox) -> None:
    tell = sandbox.office.instructions.add
    with pytest.raises(Invalid):
        tell(Behaviour("wait"), operation="weather/ask")
    with pytest.raises(Invalid):
        tell(Behaviour("refuse", reason_code="DECEASED"), operation="medical/retire")
    with pytest.raises(Invalid):
        tell(Behaviour("refuse"), operation="social_insurance/check_conditions")
    with pytest.raises(Invalid):
        tell(Behaviour("wait"), times=0)
    assert sandbox.office.instructions.all() == []


def test_feedback_is_tried_until_it_is_taken(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.say = [503]
    send(sandbox, sandbox.request(callback_url=receiver.address))
    assert sandbox.later() == 0
    assert sandbox.courier.carry() == 0  # not at once again
    time.sleep(1.1)
    assert sandbox.courier.carry() == 1
    assert said(receiver) == ["SUCCESS"]


def test_feedback_that_is_refused_waits_for_a_person(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.say = [404]
    request = sandbox.request(callback_url=receiver.address)
    send(sandbox, request)
    assert sandbox.later() == 0
    time.sleep(1.1)
    assert sandbox.courier.carry() == 0
    sandbox.office.send_again(str(request.request_id))
    assert sandbox.courier.carry() == 1


def test_contradicting_feedback_is_sent_but_changes_no_fact(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.tell("success")
    request = sandbox.request(callback_url=receiver.address)
    send(sandbox, request)
    no = Behaviour("reply", status="FAILED", reason_code="CONDITION_NOT_MET")
    sandbox.office.answer(str(request.request_id), no)
    assert sandbox.later() == 1
    assert said(receiver) == ["FAILED"]
    assert sandbox.audit(request)["status"] == "SUCCESS"


def test_a_restart_forgets_nothing(sandbox: Sandbox) -> None:
    request = sandbox.request()
    send(sandbox, request)
    sandbox.office.instructions.switch_outage("police", True)
    reborn = Office(sandbox.folder, operations, sandbox.clock.now)
    assert reborn.audit() == sandbox.office.audit()
    assert reborn.instructions.outages() == {"police"}


PROGRAM = """
import sys
from pathlib import Path
from werkzeug.serving import make_server
from handlers.sandbox import create_app
app = create_app(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), delay_seconds=0.1)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), SECRET.hex()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    return process, f"http://127.0.0.1:{int(process.stdout.readline())}"


def test_a_kill_loses_no_request_and_its_feedback_still_comes(
    sandbox: Sandbox, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.say = [503]  # the first try of the first life fails
    process, sandbox.address = start(tmp_path / "killed")
    request = sandbox.request(callback_url=receiver.address)
    try:
        assert send(sandbox, request).status == "ACCEPTED"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        process, sandbox.address = start(tmp_path / "killed")
        until = time.monotonic() + 10
        while not receiver.got and time.monotonic() < until:
            time.sleep(0.1)
        assert set(said(receiver)) == {"SUCCESS"}
        lines = httpx.get(f"{sandbox.address}/audit").json()
        assert [(line["received"], line["effects"]) for line in lines] == [(1, 1)]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
