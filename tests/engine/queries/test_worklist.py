"""Lists of several rights: one order, every row once, and no sorting of all there is."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from engine.access import Actor
from engine.ids import new_id
from engine.models import WorkItem
from engine.queries.worklist import Filters, View, worklist
from tests.conftest import Database
from tests.engine.test_way_of_a_case import put_on_record
from tests.stage import Stage

ROLES = ("si_clerk", "hrss_reviewer", "hrss_approver")
FOREIGN = "med_clerk"


@pytest.fixture
def stage(connection: Connection) -> Stage:
    """Jilin with open tasks."""
    stage = Stage(connection)
    with_open_tasks(stage)
    return stage


def with_open_tasks(stage: Stage) -> None:
    """Open 30 tasks of three roles 小李 holds and one he does not; some have no due time."""
    put_on_record(stage)
    with stage.runtime.transaction() as session:
        pattern = session.query(WorkItem).first()
        assert pattern is not None
        facts = {name: getattr(pattern, name) for name in COLUMNS}
        for number in range(30):
            due = None if number % 10 == 0 else stage.clock.now() + timedelta(hours=number % 7 - 3)
            changed = {
                "id": new_id(),
                "token": new_id(),
                "state": "open",
                "role": (*ROLES, FOREIGN)[number % 4],
                "due_at": due,
                "closed_at": None,
                "closed_by": None,
                "claimed_by": stage.li.account_id if number % 6 == 1 else None,
            }
            session.add(WorkItem(**{**facts, **changed}))


def read_through(stage: Stage, actor: Actor, view: View) -> Sequence[WorkItem]:
    """The whole list, four rows a page."""
    page = worklist(stage.runtime, actor, view, size=4)
    rows = list(page.rows)
    while page.after:
        page = worklist(stage.runtime, actor, view, after=page.after, size=4)
        rows += page.rows
    return rows


@pytest.mark.parametrize("view", ["pool", "mine", "overdue", "due_soon"])
def test_pages_of_several_rights_follow_each_other_in_order_of_due_time(
    stage: Stage, view: View
) -> None:
    rows = read_through(stage, stage.li, view)
    with stage.runtime.reading() as session:
        all_open = session.query(WorkItem).filter_by(state="open").all()
    now, li = stage.clock.now(), stage.li.account_id
    belongs = {
        "pool": lambda row: row.claimed_by is None,
        "mine": lambda row: row.claimed_by == li,
        "overdue": lambda row: row.due_at is not None and row.due_at < now,
        "due_soon": lambda row: row.due_at is not None and row.due_at >= now,
    }[view]
    expected = [row for row in all_open if row.role in ROLES and belongs(row)]
    expected.sort(key=lambda row: (row.due_at is None, row.due_at or now, row.id))
    assert expected
    assert [row.id for row in rows] == [row.id for row in expected]


def test_a_page_reads_no_more_rows_than_it_needs_however_many_are_open(database: Database) -> None:
    stage = Stage(database.engine)
    with_open_tasks(stage)
    owner = create_engine(database.owner_url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text(MANY_MORE), {"rows": 5_000})
        connection.execute(text("analyze work_item"))
    asked: list[tuple[str, object]] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
    )
    worklist(stage.runtime, stage.li, "pool")
    with stage.runtime.reading() as session:
        explain = session.connection().connection.cursor()
        explain.execute(f"explain (analyze, timing off) {asked[0][0]}", asked[0][1])
        plan = "\n".join(row[0] for row in explain.fetchall())
    read = sum(float(rows) * int(loops) for rows, loops in SCANNED.findall(plan))
    assert 0 < read <= 2 * 51 * len(stage.li.grants), plan


#: Rows and loops of every node of a plan that reads a table or an index of it.
SCANNED = re.compile(r"Scan [^\n]*work_item[^\n]*\(actual rows=([0-9.]+) loops=([0-9]+)\)")
COLUMNS = [one.name for one in WorkItem.__table__.columns if one.computed is None]
MANY_MORE = f"""
    insert into work_item ({", ".join(COLUMNS)})
    select {", ".join(f"r.{one}" for one in COLUMNS)} from work_item w, generate_series(1, :rows) n,
           jsonb_populate_record(w, jsonb_build_object(
             'id', gen_random_uuid(), 'token', gen_random_uuid(),
             'due_at', now() + n * interval '1 minute')) r
     where w.id in (select distinct on (role) id from work_item
                     where state = 'open' and claimed_by is null order by role, id)
"""


def test_those_with_priority_come_first_on_their_day_and_not_before(stage: Stage) -> None:
    """NX-072; the day is China's."""
    with stage.runtime.transaction() as session:
        rows = session.query(WorkItem).filter_by(state="open", claimed_by=None).all()
        mine = [row for row in rows if row.role in ROLES]
        evening = stage.clock.now().replace(hour=10)  # 18:00 in China
        for row, hours in zip(mine, (-24, -1, 0, 1, 24), strict=False):
            row.due_at, row.priority = evening + timedelta(hours=hours), int(hours in (1, 24))
        for row in mine[5:]:
            row.due_at = None
        expected = [mine[one].id for one in (0, 3, 1, 2, 4)]
    assert [row.id for row in read_through(stage, stage.li, "pool")][:5] == expected
    marked = worklist(stage.runtime, stage.li, "pool", Filters(priority="1")).rows
    assert [row.id for row in marked] == [mine[3].id, mine[4].id]
