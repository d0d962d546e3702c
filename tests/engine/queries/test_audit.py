"""The auditor finds what was lost and what was done twice: defects are planted one by one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from engine.commands.finish_service_call import CallResult
from engine.queries.audit import audit
from tests.conftest import Database
from tests.engine.test_way_of_a_case import HOUSEHOLD, answer, apply_for_everything
from tests.stage import AGREE, Stage


@pytest.fixture(scope="module")
def owner(shared_database: Database) -> Iterator[Connection]:
    """The owner's hands: nothing in the tables is safe from them. Rolled back in the end."""
    engine = create_engine(shared_database.owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.begin()
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def played(owner: Connection) -> Stage:
    """A closed case of 小李's and an approved one whose items are under way."""
    stage = Stage(owner)
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    stage.submit("approve", stage.li, AGREE)
    return stage


@pytest.fixture
def stage(played: Stage, owner: Connection) -> Iterator[Stage]:
    """``played``, and what a test does to it is undone."""
    with owner.begin_nested() as savepoint:
        yield played
        savepoint.rollback()


def copy(table: str, where: str, changes: str = "'id', gen_random_uuid()") -> str:
    """SQL that doubles one row of a table."""
    return (
        f"insert into {table} select (jsonb_populate_record(t, jsonb_build_object({changes}))).*"
        f" from {table} t where {where} limit 1"
    )


JOINT = "(select id from case_ where process = 'joint_case')"
CLOSED = "(select id from case_ where process = 'record_prereview')"

PLANTED = {
    "an open task is lost": ("delete from work_item where state = 'open'", "待办"),
    "a done task is lost": (
        "delete from work_item where element = 'approve'",
        "历史中“提交环节”有 4 次，数据中有 3 次",
    ),
    "a done task is open again": (
        "update work_item set state = 'open' where element = 'approve'",
        "待办与流程状态不符",
    ),
    "a call is doubled": (copy("service_call", "state = 'queued'"), "服务请求与流程状态不符"),
    "an answered call is doubled": (copy("service_call", "state = 'succeeded'"), "办结成功"),
    "an answered call is lost": (
        "with f as (delete from feedback), a as (delete from service_attempt)"
        " delete from service_call where state = 'succeeded'",
        "办结成功",
    ),
    "a call lies on a desk that has no work item": (
        "update service_call set mode = 'manual', state = 'accepted' where state = 'queued'",
        "登记部门答复的待办与服务请求不符：应有",
    ),
    "a call waits for one token twice and for another not at all": (
        "update service_call set token = gen_random_uuid() where state = 'queued'",
        "缺 1、多 1",
    ),
    "a subscription is lost": ("delete from subscription where message = 'death'", "消息等待"),
    "a timer is lost": ("delete from timer where kind = 'bpmn'", "流程定时"),
    "a timer outlives its wait": (
        copy("timer", "kind = 'rung'", "'id', gen_random_uuid(), 'ref', gen_random_uuid()"),
        "定时所属环节已结束",
    ),
    "a clock goes on after its task": (
        "update deadline set ended_at = null where code = 'approval'",
        "时限所属环节已结束",
    ),
    "a notice is doubled": (copy("notice", "true"), "通知"),
    "a notice is lost": ("delete from notice where template = 'rights'", "通知"),
    "a submit wrote twice": (
        copy("case_section", "name = 'items'", "'version', 2"),
        "“items”第 2 版不是由一次提交写入的",
    ),
    "a start wrote twice": (
        copy("case_section", "name = 'person'", "'version', 2, 'author', '阿明'"),
        "“person”第 2 版不是由一次提交写入的",
    ),
    "an answer wrote twice": (
        copy("case_section", "name = 'household'", "'version', 2"),
        "“household”的版本数与部门答复数不符",
    ),
    "what was submitted is lost": (
        "delete from case_section where name = 'items'",
        "“items”第 1 版不见了",
    ),
    "what an agency said is lost": (
        "delete from case_section where name = 'household'",
        "“household”的版本数与部门答复数不符",
    ),
    "a closed case runs again": (
        f"update case_ set status = 'running' where id = {CLOSED}",
        "历史中“办件结束”有 1 次，数据中有 0 次",
    ),
    "a closed case has an item without result": (
        f"update item set case_id = {CLOSED} where code = 'medical'",
        "“医保在职转退休”却没有结果",
    ),
    "the end of the history is cut off": (
        "alter table case_event disable trigger append_only;"
        f" delete from case_event where case_id = {JOINT}"
        f" and seq = (select max(seq) from case_event where case_id = {JOINT})",
        "历史记录末尾被截断",
    ),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_is_found(stage: Stage, owner: Connection, defect: str) -> None:
    sql, said = PLANTED[defect]
    assert audit(stage.runtime) == []

    for statement in sql.split(";"):
        assert owner.execute(text(statement)).rowcount != 0

    assert said in "\n".join(audit(stage.runtime))


def test_one_case_can_be_audited_alone(stage: Stage, owner: Connection) -> None:
    owner.execute(text("delete from work_item where state = 'open'"))
    number = owner.scalar(text(f"select no from case_ where id = {CLOSED}"))

    assert audit(stage.runtime, [number]) == []
    assert len(audit(stage.runtime)) == 1
