"""渠道: a case goes on at the window and online, with its number, data and drafts."""

from datetime import timedelta

import pytest

from engine.commands.change_channel import bring_to_window, return_online
from engine.commands.print_application import print_application
from engine.commands.save_draft import save_draft
from engine.errors import Conflict, Forbidden, NotFound
from engine.models import CaseEvent
from engine.queries.audit import audit
from engine.queries.task_page import task_page
from tests.engine.test_way_of_a_case import apply_for_everything, put_on_record, rows
from tests.stage import ALL_ITEMS, RETIREE, Stage

WHO = {key: RETIREE[key] for key in ("name", "id_no")}


def begun(stage: Stage) -> str:
    put_on_record(stage)
    return stage.start("joint_case", stage.ming, WHO).no


def test_what_was_typed_online_is_found_at_the_window_and_back(stage: Stage) -> None:
    no = begun(stage)
    task = stage.tasks()["choose_items"]
    save_draft(stage.runtime, task.id, {"pension": True}, stage.ming)
    bring_to_window(stage.runtime, no, stage.li)
    with pytest.raises(NotFound):
        task_page(stage.runtime, task.id, stage.ming)
    assert task_page(stage.runtime, task.id, stage.li).answers["pension"] is True
    stage.clock.set(stage.clock.now() + timedelta(minutes=1))
    save_draft(stage.runtime, task.id, {"pension": True, "medical": True}, stage.li)
    return_online(stage.runtime, no, stage.li)
    page = task_page(stage.runtime, task.id, stage.ming)
    assert page.answers["medical"] is True
    assert page.case.no == no and page.case.channel == "网厅"
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    assert "bank_account" in stage.tasks()
    assert audit(stage.runtime) == []


def test_steps_that_follow_are_the_windows_too(stage: Stage) -> None:
    no = begun(stage)
    bring_to_window(stage.runtime, no, stage.li)
    stage.submit("choose_items", stage.li, ALL_ITEMS)
    assert stage.tasks()["bank_account"].role == "si_clerk"


def test_only_the_window_moves_cases_and_only_while_the_applicant_has_something_to_do(
    stage: Stage,
) -> None:
    no = begun(stage)
    clerk = stage.account("xiaohe", "小何", "staff", roles=("med_clerk",))
    with pytest.raises(Forbidden):
        bring_to_window(stage.runtime, no, clerk)
    with pytest.raises(NotFound):
        bring_to_window(stage.runtime, no, stage.wang)
    with pytest.raises(Conflict, match="网厅"):
        return_online(stage.runtime, no, stage.li)


def test_nothing_moves_when_offices_are_at_work(stage: Stage) -> None:
    no = apply_for_everything(stage)
    with pytest.raises(Conflict, match="没有等申请人办理的环节"):
        bring_to_window(stage.runtime, no, stage.li)


def test_the_application_is_printed_whole_with_drafts_and_noted(stage: Stage) -> None:
    no = begun(stage)
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    task = stage.tasks()["bank_account"]
    save_draft(stage.runtime, task.id, {"bank_name": "示范银行"}, stage.ming)
    paper = print_application(stage.runtime, no, stage.li)
    assert paper.forms[0][0].schema["title"] == "选择联办事项"
    assert paper.forms[1][1]["bank_name"] == "示范银行"
    assert "打印申请表" in rows(stage, CaseEvent)[-1].title
    with pytest.raises(NotFound):
        print_application(stage.runtime, no, stage.rival)
