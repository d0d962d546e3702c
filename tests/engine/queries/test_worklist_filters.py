"""What lists are narrowed to, and the lists a clerk keeps by name."""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands.keep_view import (
    MOST_VIEWS,
    drop_view,
    keep_view,
    put_view_first,
    rename_view,
)
from engine.errors import Conflict, Invalid, NotFound
from engine.models import PersonFile, WorkItem
from engine.queries.find_person import find_person, name_of_person
from engine.queries.saved_views import saved_views
from engine.queries.worklist import Filters, worklist
from tests.conftest import Database
from tests.engine.queries.test_worklist import with_open_tasks
from tests.stage import RETIREE, Stage


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with open tasks."""
    stage = Stage(database.engine)
    with_open_tasks(stage)
    return stage


def found(stage: Stage, **filters: str) -> list[WorkItem]:
    return list(worklist(stage.runtime, stage.li, "pool", Filters(**filters), size=200).rows)


def ids(stage: Stage, **filters: str) -> list[UUID]:
    return [row.id for row in found(stage, **filters)]


def test_days_of_the_deadline_are_both_included(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        rows = session.query(WorkItem).filter_by(state="open", claimed_by=None).all()
        for number, row in enumerate(rows):  # the last hour of a day in China, with and without
            row.due_at = stage.clock.now().replace(hour=15) + timedelta(days=number % 4)
            row.priority = number % 2
    everything = found(stage)
    some = found(stage, due_from="2027-04-21", due_until="2027-04-22")
    days = {(row.due_at or stage.clock.now()).day for row in some}
    assert days == {21, 22}
    assert len(some) == sum((row.due_at or stage.clock.now()).day in days for row in everything)
    assert found(stage, due_from="2027-04-24") == []


@pytest.mark.parametrize("name", ["due_from", "due_until"])
@pytest.mark.parametrize("text", ["2027-02-30", "明天", "0"])
def test_a_day_that_is_none_is_said_at_its_field(stage: Stage, name: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        found(stage, **{name: text})
    assert set(refused.value.errors) == {name}


def test_part_of_an_employers_name_finds_its_tasks(stage: Stage) -> None:
    assert ids(stage, unit="示范机械") == ids(stage) != []
    assert found(stage, unit="样例食品") == found(stage, unit="%") == []


def test_a_person_is_found_by_their_number_within_what_one_may_see(stage: Stage) -> None:
    person = find_person(stage.runtime, stage.li, f" {RETIREE['id_no']} ")
    assert person is not None and find_person(stage.runtime, stage.wang, RETIREE["id_no"]) is None
    assert name_of_person(stage.runtime, stage.li, str(person)) == RETIREE["name"]
    assert name_of_person(stage.runtime, stage.wang, str(person)) == ""
    assert ids(stage, person=str(person)) == ids(stage) != []
    assert found(stage, person=str(stage.unit_id)) == found(stage, person="x") == []
    with stage.runtime.reading() as session:
        assert session.query(PersonFile).count() == 1


def test_a_step_is_found_by_its_code_whatever_release_its_case_began_with(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        row = (
            session.query(WorkItem)
            .filter_by(state="open", claimed_by=None, role="si_clerk")
            .first()
        )
        assert row is not None
        row.title = "旧版本的名称"
        element = row.element
    assert row.id in ids(stage, element=element)


def test_a_list_is_kept_without_whom_it_is_about(stage: Stage) -> None:
    asks = {"view": "pool", "unit": "示范", "subject": "张建国", "person": "x", "case_no": "JL1"}
    keep_view(stage.runtime, " 示范  机械 ", asks, stage.li)
    (kept,) = saved_views(stage.runtime, stage.li)
    assert (kept.name, kept.asks) == ("示范 机械", {"view": "pool", "unit": "示范"})
    assert saved_views(stage.runtime, stage.mate) == []


def test_a_kept_list_always_says_which_list_it_is(stage: Stage) -> None:
    keep_view(stage.runtime, "什么都不问", {}, stage.li, first=True)
    assert [view.asks for view in saved_views(stage.runtime, stage.li)] == [{"view": "mine"}]


def test_keeping_under_a_name_again_takes_its_place(stage: Stage) -> None:
    keep_view(stage.runtime, "急", {"view": "overdue"}, stage.li, first=True)
    keep_view(stage.runtime, "急", {"view": "due_soon"}, stage.li)
    (kept,) = saved_views(stage.runtime, stage.li)
    assert kept.asks == {"view": "due_soon"} and kept.is_default


def test_one_list_comes_first_and_each_may_be_renamed_or_dropped(stage: Stage) -> None:
    for name in ("一", "二"):
        keep_view(stage.runtime, name, {"view": "pool"}, stage.li, first=True)
    one, two = saved_views(stage.runtime, stage.li)
    assert (one.is_default, two.is_default) == (False, True)
    put_view_first(stage.runtime, one.id, stage.li, yes=True)
    put_view_first(stage.runtime, one.id, stage.li, yes=False)
    assert not any(view.is_default for view in saved_views(stage.runtime, stage.li))
    with pytest.raises(Invalid):
        rename_view(stage.runtime, one.id, "二", stage.li)
    rename_view(stage.runtime, one.id, "壹", stage.li)
    for forbidden in (stage.mate, stage.wang):
        with pytest.raises(NotFound):
            drop_view(stage.runtime, one.id, forbidden)
    drop_view(stage.runtime, two.id, stage.li)
    assert [view.name for view in saved_views(stage.runtime, stage.li)] == ["壹"]


def test_names_and_their_number_have_a_limit(stage: Stage) -> None:
    for name in ("", "  ", "长" * 21):
        with pytest.raises(Invalid):
            keep_view(stage.runtime, name, {}, stage.li)
    for number in range(MOST_VIEWS):
        keep_view(stage.runtime, str(number), {}, stage.li)
    with pytest.raises(Conflict, match="最多 20 个"):
        keep_view(stage.runtime, "再一个", {}, stage.li)
