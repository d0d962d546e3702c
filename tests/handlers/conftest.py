"""The sandbox over a real socket, and somebody who receives its feedback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from engine.clock import SettableClock
from engine.ids import new_id
from handlers.adapters.api import ApiAdapter
from handlers.envelope import PersonBlock, Request
from handlers.sandbox import Behaviour, Office, create_app
from handlers.sandbox.feedback import Courier
from handlers.signature import agency_key, verify

SECRET = b"\x44" * 32
NOON = datetime(2027, 5, 20, 4, tzinfo=UTC)

BUSINESS: dict[str, dict[str, Any]] = {
    "police/household_check": {"name": "张建国", "id_no": "220199196611200012"},
    "social_insurance/check_conditions": {
        "approval_no": "JL-1",
        "retire_date": "2027-05-20",
        "deemed_months": 60,
    },
    "social_insurance/assess": {
        "approval_no": "JL-1",
        "retire_date": "2027-05-20",
        "deemed_months": 60,
        "annuity": True,
    },
    "social_insurance/pay": {"approval_no": "JL-1", "amount": 380_000, "first_month": "2027-06"},
    "medical/retire": {"approval_no": "JL-1", "retire_date": "2027-05-20", "deemed_months": 60},
    "housing_fund/seal": {"centre": "cc", "approval_no": "JL-1", "retire_date": "2027-05-20"},
    "housing_fund/withdraw": {
        "centre": "cc",
        "approval_no": "JL-1",
        "retire_date": "2027-05-20",
        "bank_name": "示范银行",
        "account_no": "6222020000000000018",
        "holder": "张建国",
    },
    "identity/verify": {"purpose": "提取住房公积金"},
}


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """Serve an application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Receiver:
    """Takes feedback as the web would: checks the signature, keeps what came."""

    address: str = ""
    agency: str = "medical"
    got: list[bytes] = field(default_factory=list)
    say: list[int] = field(default_factory=list)  # statuses to answer first, then 202


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    app = Flask("receiver")

    @app.post("/feedback")
    def take() -> tuple[str, int]:
        key = agency_key(SECRET, receiver.agency)
        verify(key, "POST", "/feedback", request.get_data(), dict(request.headers))
        status = receiver.say.pop(0) if receiver.say else 202
        if status == 202:
            receiver.got.append(request.get_data())
        return "", status

    with serving(app) as address:
        receiver.address = f"{address}/feedback"
        yield receiver


@dataclass
class Sandbox:
    """A running sandbox and the ways to speak with it."""

    address: str
    office: Office
    courier: Courier
    clock: SettableClock
    folder: Path

    def adapter(self, operation: str = "medical/retire", **options: Any) -> ApiAdapter:
        key = agency_key(SECRET, operation.split("/", maxsplit=1)[0])
        return ApiAdapter(self.address, key, loopback=True, **options)

    def request(self, operation: str = "medical/retire", **changes: Any) -> Request:
        content = {
            "request_id": new_id(),
            "case_no": "JL2027052000001",
            "attempt": 1,
            "region_code": "jilin",
            "agency_code": operation.split("/", maxsplit=1)[0],
            "operation": operation,
            "sent_at": NOON,
            "person": PersonBlock(name="张建国", id_no="220199196611200012"),
            "business": BUSINESS[operation],
        }
        return Request(**{**content, **changes})

    def tell(self, kind: Any, *, operation: str = "", person: str = "", **behaviour: Any) -> None:
        """Instruct the next request."""
        self.office.instructions.add(
            Behaviour(kind, **behaviour), operation=operation, person=person
        )

    def later(self, seconds: float = 3) -> int:
        """Let time pass and feedback go out; return how many messages went."""
        self.clock.advance(timedelta(seconds=seconds))
        return self.courier.carry()

    def audit(self, request: Request) -> dict[str, Any]:
        """The auditor's line on a request."""
        lines = [x for x in self.office.audit() if x["request_id"] == str(request.request_id)]
        assert len(lines) == 1
        return lines[0]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    clock = SettableClock(NOON)
    app = create_app(tmp_path / "sandbox", SECRET, clock=clock.now, hold_seconds=0.6, courier=False)
    courier = app.extensions["courier"]
    with serving(app) as address:
        yield Sandbox(address, app.extensions["office"], courier, clock, tmp_path / "sandbox")
    courier.stop()
