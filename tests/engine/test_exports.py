"""导出审批: nobody takes a list of persons out alone, and all of it is on record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.commands.take_out import ask_export, decide_export, take_out
from engine.errors import Conflict, Invalid, NotFound
from engine.exports import Wanted
from engine.ids import new_id
from engine.models import ExportEvent
from engine.packs.pack import Pack
from engine.queries.exports import count_exports, export_page
from tests.conftest import Database
from tests.engine.test_way_of_a_case import rows
from tests.stage import JILIN, Stage

RULE = """
[exports]
approvers = ["hrss_approver"]
valid_working_days = 2
reason = "示例"
"""


@pytest.fixture
def careful(database: Database) -> Stage:
    """Jilin with approval of exports; 小李 and 小赵 may approve."""
    path = "processes/jilin/region.toml"
    files = {**JILIN.files, path: JILIN.files[path] + RULE.encode()}
    return Stage(database.engine, Pack("jilin", files))


def wanted() -> Wanted:
    return Wanted("jilin", "exchange", str(new_id()), "示例名册")


def test_a_list_leaves_after_another_agreed_for_some_days(careful: Stage) -> None:
    one, runtime = wanted(), careful.runtime
    assert not take_out(runtime, one, careful.li)
    with pytest.raises(Invalid):
        ask_export(runtime, one, "看看", careful.li)
    asked = ask_export(runtime, one, "送省局汇总", careful.li)
    with pytest.raises(Conflict):
        ask_export(runtime, one, "送省局汇总", careful.li)
    with pytest.raises(Conflict, match="另一人"):
        decide_export(runtime, asked, True, "", careful.li)
    assert (count_exports(runtime, careful.mate), count_exports(runtime, careful.li)) == (1, 0)
    decide_export(runtime, asked, True, "", careful.mate)
    with pytest.raises(Conflict, match="小赵"):
        decide_export(runtime, asked, False, "不必", careful.mate)
    assert take_out(runtime, one, careful.li)
    assert not take_out(runtime, one, careful.mate)  # it was approved for one, not for all
    assert not take_out(runtime, replace(one, ref=str(new_id())), careful.li)
    careful.clock.set(careful.clock.now() + timedelta(days=3))
    assert not take_out(runtime, one, careful.li)
    told = [(event.what, event.actor) for event in reversed(export_page(runtime, careful.li).log)]
    assert told == [("asked", "小李"), ("approved", "小赵"), ("downloaded", "小李")]


def test_a_refusal_needs_a_reason_and_ends_there(careful: Stage) -> None:
    one, runtime = wanted(), careful.runtime
    asked = ask_export(runtime, one, "送省局汇总", careful.li)
    clerk = careful.account("xiaohe", "小何", "staff", roles=("med_clerk",))
    for actor in (clerk, careful.wang):
        with pytest.raises(NotFound):
            decide_export(runtime, asked, True, "", actor)
    with pytest.raises(Invalid):
        decide_export(runtime, asked, False, "", careful.mate)
    decide_export(runtime, asked, False, "用途不清", careful.mate)
    assert not take_out(runtime, one, careful.li)
    assert ask_export(runtime, one, "送省局汇总，附函", careful.li) != asked


def test_where_nobody_has_to_agree_it_is_logged_all_the_same(stage: Stage) -> None:
    assert take_out(stage.runtime, wanted(), stage.li)
    (event,) = rows(stage, ExportEvent)
    assert (event.what, event.actor, event.export_id) == ("downloaded", "小李", None)


def test_the_log_cannot_be_rewritten(connection: Connection) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        connection.execute(text("update export_event set actor = 'x'"))
