"""Messages that programs deliver."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.models import Case, Subscription
from tests.stage import Stage
from tests.webapp.api.conftest import As
from tests.webapp.api.test_cases import WHO, put_on_record


@pytest.fixture
def case(stage: Stage) -> Case:
    """A joint case that has begun."""
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no
    with stage.runtime.reading() as session:
        return session.scalars(select(Case).where(Case.no == no)).one()


def death(key: object, name: str = "one") -> dict[str, Any]:
    return {"message": "death", "business_key": str(key), "message_id": name}


def key_of(stage: Stage, case: Case) -> str:
    with stage.runtime.reading() as session:
        return session.scalars(
            select(Subscription.business_key).where(
                Subscription.case_id == case.id, Subscription.message == "death"
            )
        ).one()


def test_a_message_reaches_the_case_that_waits_for_it(
    stage: Stage, case: Case, signed_in: As
) -> None:
    clerk = signed_in("xiaoli")

    sent = clerk.post("messages", death(key_of(stage, case)))

    assert sent.json == {"state": "delivered"}
    assert clerk.get(f"cases/{case.no}").json["case"]["status"] == "closed"


def test_a_repeated_message_changes_nothing(stage: Stage, case: Case, signed_in: As) -> None:
    body = death(key_of(stage, case))
    signed_in("xiaoli").post("messages", body)
    events = signed_in("xiaoli").get(f"cases/{case.no}/events").json

    assert signed_in("xiaoli").post("messages", body).json == {"state": "duplicate"}
    assert signed_in("xiaoli").get(f"cases/{case.no}/events").json == events


def test_two_senders_may_count_alike(stage: Stage, case: Case, signed_in: As) -> None:
    other = {**death(case.id), "message": "nobody_waits_for_this"}

    assert signed_in("xiaoli").post("messages", other).json == {"state": "waiting"}
    assert signed_in("xiaozhao").post("messages", other).json == {"state": "waiting"}


def test_only_administrators_of_the_region_deliver(stage: Stage, case: Case, signed_in: As) -> None:
    body = death(key_of(stage, case))

    for stranger, status in (("aming", 403), ("rival", 403), ("laowang", 404)):
        assert signed_in(stranger).post("messages", body).status_code == status
    assert signed_in("xiaoli").post("messages", death(uuid4())).status_code == 404
    assert signed_in("xiaoli").get(f"cases/{case.no}").json["case"]["status"] == "running"


def test_a_wrong_field_is_named(signed_in: As) -> None:
    for field, value in (
        ("business_key", WHO["id_no"]),
        ("business_key", None),
        ("message", "Death!"),
        ("message", ["death"]),
        ("message_id", ""),
        ("message_id", "x" * 81),
        ("to", "all"),
    ):
        answer = signed_in("xiaoli").post("messages", {**death(uuid4()), field: value})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
