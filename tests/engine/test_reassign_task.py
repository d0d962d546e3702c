"""转交: a task given to a colleague by name, with a reason, a draft and a line of history."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.access import Actor
from engine.commands.claim_task import claim_task, unclaim_task
from engine.commands.reassign_task import reassign_task, reassign_tasks
from engine.commands.save_draft import save_draft
from engine.errors import Conflict, Invalid, NotFound
from engine.history import verify
from engine.models import CaseEvent, WorkItem
from engine.queries.case_page import case_page
from engine.queries.reassignable import reasons, reassignable
from engine.queries.task_page import task_page
from tests.conftest import Database
from tests.engine.test_way_of_a_case import HOUSEHOLD, CallResult, answer, apply_for_everything
from tests.stage import Stage

WHY = "本周出差，请赵工接手"


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with one case before its approval."""
    stage = Stage(database.engine)
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", business=HOUSEHOLD))
    return stage


def approval(stage: Stage) -> WorkItem:
    return stage.tasks()["approve"]


def account(actor: Actor) -> UUID:
    assert actor.account_id is not None
    return actor.account_id


def test_the_holder_gives_a_task_with_its_draft_and_its_reason(stage: Stage) -> None:
    task = approval(stage)
    claim_task(stage.runtime, task.id, stage.li)
    save_draft(stage.runtime, task.id, {"outcome": "agree", "deemed_months": 61}, stage.li)
    reassign_task(stage.runtime, task.id, account(stage.mate), f" {WHY} ", stage.li)
    given = approval(stage)
    assert (given.claimed_by, given.handed_by) == (stage.mate.account_id, "小李")
    assert reasons(stage.runtime, [given]) == {task.id: WHY}
    page = task_page(stage.runtime, task.id, stage.mate)
    assert page.answers["deemed_months"] == 61 and page.held
    with stage.runtime.reading() as session:
        line = session.scalars(select(CaseEvent).where(CaseEvent.kind == "reassign")).one()
        assert line.title == "退休审批：由小李转交给小赵"
        assert WHY.encode() not in bytes(line.detail_sealed or b"") and WHY not in line.title
        assert verify(session, task.case_id) is None
    assert case_page(stage.runtime, task.case_no, stage.li).reasons == {line.seq: WHY}


def test_applicants_do_not_read_who_handed_work_to_whom(stage: Stage) -> None:
    task = approval(stage)
    reassign_task(stage.runtime, task.id, account(stage.mate), WHY, stage.li)  # as administrator
    seen = case_page(stage.runtime, task.case_no, stage.ming)
    assert seen.reasons == {} and "reassign" not in {one.kind for one in seen.events}


def test_what_is_given_back_to_all_no_longer_says_who_gave_it(stage: Stage) -> None:
    task = approval(stage)
    reassign_task(stage.runtime, task.id, account(stage.mate), WHY, stage.li)
    unclaim_task(stage.runtime, task.id, stage.mate)
    assert (approval(stage).handed_by, approval(stage).handed_sealed) == (None, None)


@pytest.fixture
def clerks(stage: Stage) -> Callable[..., Actor]:
    """Makes somebody who only does what one role does."""

    def one(login: str, *roles: str, **facts: str) -> Actor:
        return stage.account(login, login, "staff", roles=roles, **facts)

    return one


def test_only_the_holder_and_supervisors_give_a_task(
    stage: Stage, clerks: Callable[..., Actor]
) -> None:
    task = approval(stage)
    holder, peer = clerks("holder", "hrss_approver"), clerks("peer", "hrss_approver")
    with pytest.raises(Conflict, match="还没有人领取"):
        reassign_task(stage.runtime, task.id, account(peer), WHY, holder)
    claim_task(stage.runtime, task.id, holder)
    with pytest.raises(Conflict, match="不在您名下"):
        reassign_task(stage.runtime, task.id, account(peer), WHY, peer)
    for stranger in (clerks("other", "med_clerk"), stage.wang, stage.ming):
        with pytest.raises(NotFound):
            reassign_task(stage.runtime, task.id, account(peer), WHY, stranger)
        with pytest.raises(NotFound):
            reassignable(stage.runtime, [task.id], stranger)
    boss = clerks("boss", "admin")
    reassign_task(stage.runtime, task.id, account(peer), WHY, boss)
    assert approval(stage).claimed_by == peer.account_id


def test_only_who_may_do_a_task_receives_it(stage: Stage, clerks: Callable[..., Actor]) -> None:
    task = approval(stage)
    claim_task(stage.runtime, task.id, stage.li)
    offered = reassignable(stage.runtime, [task.id], stage.li).receivers
    assert [one.colleague.name for one in offered] == ["小赵"]
    other, far = clerks("other", "med_clerk"), clerks("far", "hrss_approver", region="elsewhere")
    for nobody in (other, far, stage.ming):
        with pytest.raises(Invalid) as refused:
            reassign_task(stage.runtime, task.id, account(nobody), WHY, stage.li)
        assert set(refused.value.errors) == {"to"}
    with pytest.raises(Conflict, match="已经在这位同事名下"):
        reassign_task(stage.runtime, task.id, account(stage.li), WHY, stage.li)
    assert approval(stage).claimed_by == stage.li.account_id


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_reason_is_needed(stage: Stage, reason: str) -> None:
    task = approval(stage)
    with pytest.raises(Invalid) as refused:
        reassign_tasks(stage.runtime, [task.id], account(stage.mate), reason, stage.li)
    assert set(refused.value.errors) == {"reason"}


def test_of_several_each_is_given_for_itself(stage: Stage) -> None:
    task = approval(stage)
    gone = UUID(int=1)
    refused = reassign_tasks(stage.runtime, [gone, task.id], account(stage.mate), WHY, stage.li)
    assert set(refused) == {gone}
    assert approval(stage).claimed_by == stage.mate.account_id
