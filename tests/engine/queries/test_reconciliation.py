"""Our calls against what the agencies did: one effect for one call, known to both sides."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from engine.commands.finish_service_call import CallResult
from engine.models import Case, ServiceCall, Timer
from engine.queries.reconciliation import Received, reconcile
from tests.engine.test_way_of_a_case import HOUSEHOLD, answer, apply_for_everything
from tests.stage import Stage


@pytest.fixture
def line(stage: Stage) -> Received:
    """What an honest agency says about the one request of an applied-for case."""
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    with stage.runtime.reading() as session:
        call, no = session.execute(select(ServiceCall, Case.no).join(Case)).one()
    return Received(call.id, call.operation, no, "SUCCESS", 1, False)


def test_what_agencies_did_is_held_against_what_we_know(stage: Stage, line: Received) -> None:
    assert reconcile(stage.runtime, lambda: [line]) == []

    dishonest: list[tuple[list[Received], str]] = [
        ([], "部门却没有收到过请求"),
        ([replace(line, effects=2)], "重复办理了 2 次"),
        ([replace(line, effects=0, status="ACCEPTED")], "部门却没有办理"),
        ([replace(line, case_no="JL2027042000009")], "与部门收到的请求不符"),
        ([line, replace(line, request_id=uuid4())], "本系统没有的请求"),
    ]
    for lines, said in dishonest:
        (finding,) = reconcile(stage.runtime, lambda lines=lines: lines)  # type: ignore[misc]
        assert said in finding


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "cancelled"}, "部门已办理，本系统却没有记录"),
        ({"state": "refused", "reason_code": "MISMATCH"}, "部门已办理，本系统却没有记录"),
        ({"state": "accepted", "finished_at": None}, ""),  # the answer may be on its way
    ],
)
def test_what_was_done_must_be_known_here(
    stage: Stage, line: Received, values: dict[str, object], said: str
) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(ServiceCall).values(values))

    assert said in "\n".join(reconcile(stage.runtime, lambda: [line]))


def test_an_agency_that_was_not_told_of_a_cancellation_is_found(
    stage: Stage, line: Received
) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(ServiceCall).values(state="cancelled"))
    working = replace(line, status="ACCEPTED", effects=0)

    assert "却仍在办理" in "\n".join(reconcile(stage.runtime, lambda: [working]))
    assert reconcile(stage.runtime, lambda: [replace(working, cancelled=True)]) == []
    with stage.runtime.transaction() as session:
        case_id = session.scalars(select(ServiceCall.case_id)).one()
        session.add(
            Timer(
                kind="cancel",
                case_id=case_id,
                ref="",
                detail=str(line.request_id),
                due_at=stage.clock.now(),
            )
        )
    assert reconcile(stage.runtime, lambda: [working]) == []


def test_what_moves_between_two_looks_is_no_finding(stage: Stage, line: Received) -> None:
    looks = iter([[replace(line, effects=0, status="ACCEPTED")], [line]])
    ask: Callable[[], list[Received]] = lambda: next(looks)  # noqa: E731

    assert reconcile(stage.runtime, ask) == []
