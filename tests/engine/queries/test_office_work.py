"""科室办件: what a supervisor sees of everybody's tasks, and of nobody else's offices."""

import pytest
from sqlalchemy import Connection

from engine.commands.claim_task import claim_task
from engine.errors import Forbidden
from engine.queries.office_work import office_work
from engine.queries.worklist import worklist
from tests.engine.queries.test_worklist import with_open_tasks
from tests.stage import Stage


@pytest.fixture
def stage(connection: Connection) -> Stage:
    """Jilin with open tasks, five of them 小李's."""
    stage = Stage(connection)
    with_open_tasks(stage)
    return stage


def test_each_figure_is_the_length_of_the_list_it_leads_to(stage: Stage) -> None:
    boss = stage.account("boss", "主管", "staff", roles=("admin",))
    claim_task(stage.runtime, worklist(stage.runtime, stage.mate).rows[0].id, stage.mate)
    work = office_work(stage.runtime, boss, size=200)
    assert {line.title for line in work.lines} >= {"待领取", "小李", "小赵", "主管"}
    assert sum(line.held for line in work.lines) == len(work.page.rows) == 30
    assert [line.held for line in work.lines if line.title == "小李"] == [5]
    for line in work.lines:
        holder = str(line.account_id or "pool")
        for urgency, count in (
            ("", line.held),
            ("overdue", line.overdue),
            ("due_soon", line.due_soon),
        ):
            listed = office_work(stage.runtime, boss, holder, urgency, size=200).page.rows  # type: ignore[arg-type]
            assert len(listed) == count, (line.title, urgency)
            assert {row.claimed_by for row in listed} <= {line.account_id}


def test_pages_follow_each_other_in_order_of_due_time(stage: Stage) -> None:
    everything = office_work(stage.runtime, stage.li, size=200).page.rows
    page = office_work(stage.runtime, stage.li, size=7).page
    read = list(page.rows)
    while page.after:
        page = office_work(stage.runtime, stage.li, after=page.after, size=7).page
        read += page.rows
    assert [row.id for row in read] == [row.id for row in everything]
    assert office_work(stage.runtime, stage.li, holder="somebody").page.rows == []


def test_only_supervisors_see_it_and_only_their_own_offices(stage: Stage) -> None:
    clerk = stage.account("danyi", "单一", "staff", roles=("si_clerk",))
    for nobody in (clerk, stage.ming):
        with pytest.raises(Forbidden):
            office_work(stage.runtime, nobody)
    assert office_work(stage.runtime, stage.wang).page.rows == []
