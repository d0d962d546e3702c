"""批量办理: one form for many tasks, each with its own end."""

import json

import pytest
from sqlalchemy import select

from engine.commands.claim_task import claim_task
from engine.commands.save_draft import save_draft
from engine.models import Draft, WorkItem
from engine.packs.pack import Pack
from engine.queries.task_page import task_page
from tests.conftest import Database
from tests.packs import with_file
from tests.stage import CHECK, JILIN, PREREVIEW, RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor
from webapp.clerk import bulk

PEOPLE = {
    "张建国": RETIREE["id_no"],
    "李建平": "220199196609030038",
    "王建设": "220199196501150011",
}
ANSWERS = {field: str(value) for field, value in CHECK.items()}
PATH = "/tasks/bulk/jilin/enter_check"


def _pack() -> Pack:
    """Jilin, where contributions found outside may be entered for many."""
    path = "forms/jilin/contribution_check.schema.json"
    schema = json.loads(JILIN.files[path]) | {"x-bulk": True}
    return with_file(JILIN, path, json.dumps(schema, ensure_ascii=False).encode())


@pytest.fixture
def stage(database: Database) -> Stage:
    stage = Stage(database.engine, _pack())
    for name, id_no in PEOPLE.items():
        stage.start("record_prereview", stage.li, {**RETIREE, "name": name, "id_no": id_no})
        stage.submit("enter_prereview", stage.li, PREREVIEW)
    return stage


@pytest.fixture
def li(visit: As) -> Visitor:
    """小李 before the list, from the page 批量办理."""
    return visit("xiaoli").open("/tasks/bulk")


def choose(li: Visitor, *names: str, **answers: str) -> Visitor:
    path, pairs = li.post_of("逐件提交", **answers)
    boxes = li.page.xpath("//tr[.//input[@name='task']]")
    for row in boxes:
        if any(name in row.text_content() for name in names):
            pairs.add("task", row.xpath(".//input[@name='task']/@value")[0])
    return li.send((path, pairs))


def tasks(stage: Stage) -> dict[str, WorkItem]:
    with stage.runtime.reading() as session:
        rows = session.scalars(select(WorkItem).where(WorkItem.element == "enter_check"))
        return {row.subject: row for row in rows}


def test_the_chosen_are_submitted_each_by_itself_and_the_others_wait(
    stage: Stage, li: Visitor
) -> None:
    assert li.path == PATH and li.headline == "批量办理：登记缴费核查" and li.says(*PEOPLE)
    choose(li, "张建国", "李建平", **ANSWERS)
    assert li.says("已提交 2 件") and not li.page.xpath("//*[contains(@class, 'bg-red-lt')]")
    now = tasks(stage)
    assert [now[name].state for name in PEOPLE] == ["done", "done", "open"]
    assert now["张建国"].closed_by == stage.li.account_id
    assert now["王建设"].claimed_by is None


def test_what_fails_is_told_row_by_row_and_stops_nobody(stage: Stage, li: Visitor) -> None:
    claim_task(stage.runtime, tasks(stage)["李建平"].id, stage.mate)  # after the list was shown
    late = tasks(stage)["王建设"]
    with stage.runtime.transaction() as session:
        session.get_one(WorkItem, late.id).revision += 1
    choose(li, *PEOPLE, **ANSWERS)
    assert li.says("已提交 1 件", "2 件没有提交", "该环节已由小赵领取", "该环节已被更新")
    assert tasks(stage)["张建国"].state == "done"
    with stage.runtime.reading() as session:
        kept = session.scalars(select(Draft.work_item_id)).all()
    assert kept == [late.id]  # ready to be done alone; the colleague's is left alone
    assert tasks(stage)["王建设"].claimed_by == stage.li.account_id


def test_what_was_typed_for_one_alone_is_marked_and_kept(stage: Stage, li: Visitor) -> None:
    own = tasks(stage)["李建平"]
    save_draft(stage.runtime, own.id, {"actual_months": 400}, stage.li)
    with stage.runtime.transaction() as session:
        session.get_one(WorkItem, own.id).revision += 1
    before = li.open(PATH)
    assert before.says("李建平 已单独暂存") and not before.says("张建国 已单独暂存")
    path, pairs = li.post_of("逐件提交", **ANSWERS)
    pairs.add("task", f"{own.id}:{own.revision}")
    assert li.send((path, pairs)).says("1 件没有提交")
    assert task_page(stage.runtime, own.id, stage.li).answers["actual_months"] == 400


def test_mistakes_in_the_form_are_said_before_anything_is_done(stage: Stage, li: Visitor) -> None:
    choose(li, *PEOPLE, **{**ANSWERS, "actual_months": "many"})
    assert li.status == 422 and li.says("有 1 处需要修改")
    assert len(li.page.xpath("//input[@name='task'][@checked]")) == 3
    assert {one.state for one in tasks(stage).values()} == {"open"}
    choose(li.open(PATH), **ANSWERS)
    assert li.status == 422 and li.says("请先勾选")


def test_a_long_list_goes_on_page_by_page_and_repeating_a_page_changes_nothing(
    stage: Stage, li: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    choose(li, *PEOPLE, **ANSWERS)
    assert li.says("正在逐件提交：1 / 3")
    again = li.post_of("继续提交其余 2 件")
    li.send(again)
    li.send(again)  # the back button, or a reload
    assert li.says("正在逐件提交：2 / 3") and not li.page.xpath(
        "//*[contains(@class, 'bg-red-lt')]"
    )
    li.press("继续提交其余 1 件")
    assert li.says("已提交 3 件")


def test_only_steps_that_say_so_are_done_in_bulk(visit: As) -> None:
    assert visit("xiaoli").open("/tasks/bulk/jilin/approve").status == 404
    assert visit("laowang").open(PATH).status == 404
    assert visit("aming").open("/tasks/bulk").status == 403
