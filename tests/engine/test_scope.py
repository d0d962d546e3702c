"""Row-level security beneath the queries: what a scope shows when a condition was forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from engine.database import connect
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.models import Case, Incident, Person, PersonFile, WorkItem
from engine.open_case import OpenCase
from engine.runtime import Runtime
from engine.scope import (
    NOTHING,
    SYSTEM,
    Scope,
    beyond,
    commanding,
    holding,
    scope_of,
    within,
)
from tests.conftest import copy_of_template
from tests.engine.test_way_of_a_case import approved
from tests.stage import Stage

#: Tables with something about cases and people in them.
TABLES = (
    *("case_", "work_item", "person_file", "person", "service_call", "case_state"),
    *("case_section", "case_event", "item", "notice", "document", "file_section"),
)
FAR = "EW2027042000001"
#: Names, codes and times only: clocks, waits and messages; and an account's own person.
WITHOUT = {"account", "deadline", "message_inbox", "subscription", "timer"}


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Two cases of 张建国 with all that hangs on them, one case elsewhere; left as they are."""
    with copy_of_template(request.getfixturevalue("postgres")) as database:
        stage = Stage(database.engine)
        approved(stage)
        with stage.runtime.transaction() as session:
            row = session.execute(select(Case.__table__)).mappings().first()
            assert row is not None
            far = {"id": new_id(), "no": FAR, "region": "elsewhere", "file_id": None}
            session.execute(insert(Case).values({**row, **far, "unit_id": None}))
        yield stage


@pytest.fixture
def web(stage: Stage) -> Iterator[Engine]:
    """Connections of the web, one after the other the same."""
    bound = stage.runtime.sessions.kw["bind"]
    engine = connect(bound.url.render_as_string(hide_password=False), "web", pool_size=1)
    yield engine
    engine.dispose()


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.scalar(text(f"select count(*) from {table}")) or 0 for table in TABLES
        }


def regions(engine: Engine) -> set[str]:
    """What somebody sees who forgot every condition."""
    with engine.connect() as connection:
        return set(connection.scalars(text("select region from case_")))


def test_without_a_scope_there_is_no_row(stage: Stage, web: Engine) -> None:
    assert set(counts(web).values()) == {0}
    with within(SYSTEM):
        assert 0 not in counts(web).values()
    bare = create_engine(web.url, poolclass=NullPool)  # nobody told this connection anything
    assert set(counts(bare).values()) == {0}


def test_a_scope_shows_its_regions_only(stage: Stage, web: Engine) -> None:
    with within(scope_of(stage.li)):
        assert regions(web) == {"jilin"}
        assert 0 not in counts(web).values()
    with within(scope_of(stage.wang)):
        assert regions(web) == {"elsewhere"}
        assert counts(web) == {**dict.fromkeys(TABLES, 0), "case_": 1}
    with within(SYSTEM):
        assert regions(web) == {"jilin", "elsewhere"}


def test_a_unit_and_a_retiree_see_their_own(stage: Stage, web: Engine) -> None:
    with within(SYSTEM), web.connect() as connection:
        file = connection.scalars(select(PersonFile.id)).one()
    retiree = replace(stage.ming, kind="person", units=frozenset(), files=frozenset({file}))
    for owner in (stage.ming, retiree):
        with within(scope_of(owner)):
            assert 0 not in counts(web).values()
    for stranger in (stage.rival, replace(retiree, files=frozenset({stage.unit_id}))):
        with within(scope_of(stranger)):
            assert set(counts(web).values()) == {0}


def test_a_number_or_a_call_shows_one_case_and_not_its_neighbour(stage: Stage, web: Engine) -> None:
    with within(SYSTEM), web.connect() as connection:
        no, other = connection.scalars(select(Case.no).where(Case.no != FAR).order_by(Case.no))
    with within(Scope(request=no)), web.connect() as connection:
        assert list(connection.scalars(select(Case.no))) == [no] != [other]
        assert set(connection.scalars(select(WorkItem.case_no))) <= {no}
        assert list(connection.scalars(select(Person.name))) == []


def test_rows_of_elsewhere_are_neither_written_nor_changed(stage: Stage, web: Engine) -> None:
    with within(SYSTEM), web.connect() as connection:
        person = connection.scalars(select(Person.id)).first()
    with within(scope_of(stage.wang)), web.begin() as connection:
        assert connection.execute(update(Case).values(title="")).rowcount == 1
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with within(scope_of(stage.wang)), refused, web.begin() as connection:
        row = {"person_id": person, "employment": "flexible", "created_at": stage.clock.now()}
        connection.execute(insert(PersonFile).values(id=stage.unit_id, region="jilin", **row))
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with within(scope_of(stage.li)), refused, web.begin() as connection:
        connection.execute(update(Case).values(region="elsewhere"))


@pytest.mark.parametrize("ending", ["commit", "rollback", "error"])
def test_nothing_of_a_scope_is_left_for_the_next(stage: Stage, web: Engine, ending: str) -> None:
    """The pool has one connection: the next one has the same."""
    with within(scope_of(stage.li)), web.connect() as connection:
        assert list(connection.scalars(select(Case.region).distinct())) == ["jilin"]
        if ending == "error":
            with pytest.raises(ProgrammingError):
                connection.execute(text("select nothing"))
        else:
            getattr(connection, ending)()
        server = connection.scalar(text("select pg_backend_pid()")) if ending != "error" else None
    with web.connect() as connection:
        assert connection.scalar(text("select count(*) from case_")) == 0
        assert server in (None, connection.scalar(text("select pg_backend_pid()")))
    with within(scope_of(stage.li)):
        assert regions(web) == {"jilin"}


def test_a_command_of_staff_stays_in_their_regions_but_finds_people(
    stage: Stage, web: Engine
) -> None:
    with within(scope_of(stage.wang)), commanding(True):
        assert regions(web) == {"elsewhere"}
        assert counts(web)["person"] == 1


@pytest.fixture
def runtime(stage: Stage, web: Engine) -> Runtime:
    """The stage's, on connections of the web."""
    return replace(stage.runtime, sessions=sessionmaker(web, expire_on_commit=False))


@pytest.fixture
def ours(stage: Stage, web: Engine) -> Iterator[tuple[UUID, UUID]]:
    """A case of 阿明's unit, and a task of it."""
    with within(SYSTEM), web.connect() as connection:
        case_id, task = connection.execute(select(WorkItem.case_id, WorkItem.id).limit(1)).one()
    yield case_id, task


def test_an_applicants_command_reaches_no_other_case_even_if_it_forgets_to_ask(
    stage: Stage, runtime: Runtime, ours: tuple[UUID, UUID]
) -> None:
    """Rights are not asked here at all: 阿明 is said to act, but somebody else has come in."""
    stranger = replace(stage.ming, kind="person", units=frozenset(), files=frozenset({new_id()}))
    for scope in (scope_of(stage.rival), scope_of(stranger), NOTHING):
        with within(scope), runtime.transaction() as session:
            with pytest.raises(NotFound):
                OpenCase.lock(runtime, session, ours[0], stage.ming)
            with pytest.raises(NotFound):
                OpenCase.lock_with_task(runtime, session, ours[1], stage.ming)
            held = select(Case.id, holding(Case.id)).where(Case.id == ours[0])
            assert session.execute(held).all() == []
            changed = update(Case).values(title="").returning(Case.id)
            assert session.scalars(changed).all() == []
            for table in TABLES:
                assert session.scalar(text(f"select count(*) from {table}")) == 0
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with within(scope_of(stage.rival)), refused, runtime.transaction() as session:
        facts = {"kind": "x", "title": "", "message": ""}
        now = stage.clock.now()
        session.add(Incident(case_id=ours[0], ref="", opened_at=now, **facts))


def test_a_command_sees_the_case_it_holds_with_its_person_and_forgets_it_at_its_end(
    stage: Stage, runtime: Runtime, ours: tuple[UUID, UUID]
) -> None:
    """Also when the person has gone to another employer since it began."""
    rival = stage.rival.unit_id
    with within(SYSTEM), runtime.transaction() as session:
        session.execute(update(PersonFile).values(unit_id=rival))
    with within(scope_of(stage.ming)), runtime.transaction() as session:
        assert session.scalars(select(PersonFile)).all() == []
        case = OpenCase.lock(runtime, session, ours[0], stage.ming)
        assert session.get_one(PersonFile, case.case.file_id).unit_id == rival
        assert len(session.scalars(select(Person)).all()) == 1
        assert set(session.scalars(select(Case.region))) == {"jilin"}
    with within(scope_of(stage.ming)), runtime.transaction() as session:
        assert session.scalars(select(PersonFile)).all() == []
    with within(SYSTEM), runtime.transaction() as session:
        session.execute(update(PersonFile).values(unit_id=stage.unit_id))


def test_what_is_looked_for_beyond_a_scope_is_gone_when_it_was_found(
    stage: Stage, runtime: Runtime
) -> None:
    def seen(session: Session) -> int:
        return len(session.scalars(select(Case.id)).all())

    with within(scope_of(stage.rival)), runtime.transaction() as session:
        assert seen(session) == 0
        with beyond(session):
            assert seen(session) == 3
        assert seen(session) == 0
        with pytest.raises(Conflict), beyond(session):
            raise Conflict
        assert seen(session) == 0
    with (
        within(scope_of(stage.rival)),
        pytest.raises(ProgrammingError),
        runtime.transaction() as session,
        beyond(session),
    ):
        session.execute(text("select nothing"))
    with within(scope_of(stage.rival)), runtime.transaction() as session:
        assert seen(session) == 0
    with within(scope_of(stage.wang)), runtime.transaction() as session, beyond(session):
        assert seen(session) == 1  # staff never leave their regions


def test_queries_of_a_runtime_are_asked_in_the_scope_of_whoever_asks(
    stage: Stage, web: Engine
) -> None:
    """Also where nothing is in a transaction."""
    reading = sessionmaker(web.execution_options(isolation_level="AUTOCOMMIT"))
    runtime = replace(stage.runtime, sessions=sessionmaker(web), readers=reading)
    for scope, seen in ((scope_of(stage.li), 2), (NOTHING, 0), (scope_of(stage.ming), 2)):
        with within(scope), runtime.reading() as session:
            assert len(session.scalars(select(Case)).all()) == seen


def test_every_table_about_cases_and_people_has_a_policy(stage: Stage) -> None:
    """A new table that hangs on a case or a person needs one, or a reason."""
    with stage.runtime.reading() as session:
        bare = session.scalars(
            text(
                """
            select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
             where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
               and a.attname in ('case_id', 'file_id', 'person_id', 'call_id', 'subject')
               and not c.relrowsecurity
            """
            )
        )
        assert set(bare) == WITHOUT


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        (
            "select id from work_item where state = 'open' and region = 'jilin' and role = 'x'"
            " and claimed_by is null order by rank_at nulls last, id limit 50",
            "Index Cond: (((region)::text = 'jilin'::text) AND ((role)::text = 'x'::text))",
        ),
        (
            "select id from case_ where no >= 'JL2' and no <= 'JL2zz' and no like 'JL2%%'",
            "Index Cond: (((no)::text >= 'JL2'::text) AND ((no)::text <= 'JL2zz'::text))",
        ),
    ],
)
def test_lists_and_searches_keep_their_index(
    stage: Stage, web: Engine, query: str, condition: str
) -> None:
    """A comparison the database does not trust would be made after the policy, row by row."""
    with within(scope_of(stage.li)), web.connect() as connection:
        connection.execute(text("set local enable_seqscan = off"))
        connection.execute(text("set local enable_bitmapscan = off"))
        plan = "\n".join(connection.exec_driver_sql(f"explain {query}").scalars())
    assert condition in plan
    assert "Sort" not in plan
