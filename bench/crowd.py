"""A region at work: 100,000 people whose cases wait for somebody, all copied from a real one.

The first case goes through the product's own commands; its rows are copied with new ids, numbers,
names, employers, offices and due times, so that indexes see what they would see in a province.
"""

from uuid import UUID

from sqlalchemy import select

from bench.database import Database
from engine.access import Actor
from engine.accounts import actor_of, add_account
from engine.commands.start_case import start_case
from engine.models import Case, Unit, WorkItem
from engine.runtime import Runtime

PEOPLE = 100_000
UNITS = 500
REGION, PROCESS = "jilin", "record_prereview"
USCC = "91220199MA0X00001W"
LOGIN, PASSWORD = "crowd", "measured in one run"
#: Whole-region rights and rights for single offices: both ways of asking are measured.
GRANTS: tuple[tuple[str, ...], ...] = (
    ("hrss_reviewer", REGION),
    ("hrss_approver", REGION),
    ("si_supervisor", REGION),
    ("si_clerk", REGION, "city_si"),
    ("med_clerk", REGION, "city_med"),
)
WHO = {
    "name": "张建国",
    "id_no": "220199196611200016",
    "mobile": "13900000001",
    "employment": "employee",
    "uscc": USCC,
}
#: Table → how the rows of the first case or person file are found. Parents first.
_COPIED = {
    "person": ("id = (select person_id from person_file where id = :key)", "file"),
    "person_file": ("id = :key", "file"),
    "case_": ("id = :key", "case"),
    "case_state": ("case_id = :key", "case"),
    "case_section": ("case_id = :key", "case"),
    "case_event": ("case_id = :key", "case"),
    "file_section": ("file_id = :key", "file"),
    "deadline": ("case_id = :key", "case"),
    "work_item": ("case_id = :key", "case"),
}
#: What of the first case belongs to each copy alone: new ids are made of the old one and a number.
_OWN = ("id", "token", "case_id", "file_id", "person_id")
#: What is spread: column → SQL of copy ``n``.
_SPREAD = {
    "case_": {
        "no": "'JL20270101' || lpad(n::text, 8, '0')",
        "subject": "(array['赵文','钱玉兰','孙志国','李桂芝'])[1 + n % 4] || n / 40",
        "started_at": "r.started_at - (n % 400) * interval '1 hour'",
        "unit_id": "(select id from bench_unit u where u.number = n % {units})",
    },
    "person": {
        "id_no_index": "decode(md5('p' || n) || md5('q' || n), 'hex')",
        "name": "(array['赵文','钱玉兰','孙志国','李桂芝'])[1 + n % 4] || n / 40",
    },
    "person_file": {"unit_id": "(select id from bench_unit u where u.number = n % {units})"},
    "work_item": {
        "case_no": "'JL20270101' || lpad(n::text, 8, '0')",
        "subject": "(array['赵文','钱玉兰','孙志国','李桂芝'])[1 + n % 4] || n / 40",
        "unit_id": "(select id from bench_unit u where u.number = n % {units})",
        "role": "(array['hrss_reviewer','hrss_approver','si_clerk','med_clerk'])[1 + n % 4]",
        "office": "(array[null,null,'city_si','city_med'])[1 + n % 4]",
        "due_at": "now() + (n - 5000) * interval '1 minute'",
        "claimed_by": "case when n % 2000 = 0 then '{clerk}'::uuid end",
    },
}


def gather(runtime: Runtime, database: Database) -> tuple[Actor, WorkItem]:
    """Fill the database; return the clerk who works there, and a task of theirs with a form."""
    clerk = _clerk(runtime)
    first = start_case(runtime, REGION, PROCESS, WHO, clerk)
    with runtime.reading() as session:
        case = session.get_one(Case, first.case_id)
        task = session.scalars(select(WorkItem).where(WorkItem.case_id == case.id)).first()
    assert task is not None and case.file_id is not None
    _units(database)
    for table, (which, of) in _COPIED.items():
        _copy(database, table, which, case.id if of == "case" else case.file_id, clerk)
    database.run("vacuum analyze")
    return clerk, task


def _clerk(runtime: Runtime) -> Actor:
    with runtime.transaction() as session:
        session.add(Unit(name="吉林省示范机械有限公司", uscc=USCC))
        account = add_account(session, LOGIN, "测量员", PASSWORD, "staff", grants=GRANTS)
        account_id = account.id
    with runtime.reading() as session:
        clerk = actor_of(session, account_id)
    assert clerk is not None
    return clerk


def _units(database: Database) -> None:
    """Employers to spread people over, numbered in a table of the measurement's own."""
    database.run(
        """
        insert into unit select r.* from unit u, generate_series(1, :units) n,
          jsonb_populate_record(u, jsonb_build_object('id', md5('u' || n)::uuid,
            'name', '示范企业' || n, 'uscc', 'BENCH' || lpad(n::text, 13, '0'))) r
         where u.uscc = :uscc
        """,
        units=UNITS,
        uscc=USCC,
    )
    database.run(
        "create table bench_unit as select id, row_number() over (order by id) - 1 as number"
        " from unit where uscc like 'BENCH%'"
    )
    database.run("create unique index on bench_unit (number)")
    database.run("analyze bench_unit")


def _copy(database: Database, table: str, which: str, key: UUID | None, clerk: Actor) -> None:
    columns = database.rows(
        """
        select column_name, data_type from information_schema.columns
         where table_schema = 'public' and table_name = :table
           and is_generated = 'NEVER' and is_identity = 'NO' order by ordinal_position
        """,
        table=table,
    )
    serial = {"case_event": {"id"}}.get(table, set())
    names = [name for name, _ in columns if name not in serial]
    spread = _SPREAD.get(table, {})
    kinds = dict(columns)

    def value(name: str) -> str:
        if name in spread:
            return spread[name].format(units=UNITS, clerk=clerk.account_id)
        if name in _OWN and kinds[name] == "uuid":
            return f"md5(r.{name}::text || n)::uuid"
        return f"r.{name}"

    database.run(
        f"insert into {table} ({', '.join(names)})"  # noqa: S608 - names of our own columns
        f" select {', '.join(map(value, names))} from {table} r, generate_series(1, :people) n"
        f" where r.{which}",
        people=PEOPLE,
        key=key,
    )
