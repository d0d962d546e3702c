"""The two systems under measurement, as the driver sees them.

Both are driven over HTTP. Which tasks are open is read from the database, outside of all timing.
"""

import base64
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count

from bench.database import Database
from bench.load import Request
from engine.models import WorkItem

#: What both are told, field by field: the twelve of the application, and an opinion.
APPLICATION = {
    "contact_name": "阿明",
    "contact_mobile": "13900000002",
    "retire_type": "normal",
    "retire_date": "2027-05-20",
    "actual_months": 380,
    "deemed_months": 60,
    "deemed_basis": "1986 年 7 月至 1991 年 6 月连续工龄",
    "annuity": False,
    "centre": "示范市住房公积金管理中心",
    "bank_name": "中国工商银行",
    "account_no": "6222020000000000018",
    "remark": "材料齐全",
}
OPINION = {"outcome": "agree", "remark": "情况属实，同意办理"}
OPEN_ROWS = 100_000
DRAIN_SECONDS = 120


class System(ABC):
    """Something cases run in, behind a port.

    Args:
        web_role, worker_role: database roles of the web process and of what runs behind it.
        worklist: asks for the first page of open tasks.
    """

    name: str
    web_role = "yjs_app"
    worker_role: str | None = None
    worklist: Request

    def __init__(self, port: int, database: Database) -> None:
        self.port, self.database = port, database
        self.headers: dict[str, str] = {}

    @abstractmethod
    def starts(self, cases: int) -> list[Request]:
        """Requests that begin so many cases."""

    @abstractmethod
    def submits(self) -> list[Request]:
        """One submit for every open task."""

    @abstractmethod
    def drain(self) -> None:
        """Return once nothing is under way any more."""

    @abstractmethod
    def fill(self) -> None:
        """Put so many open rows on the worklist."""


class Baseline(System):
    """The afternoon's work."""

    name = "baseline"
    worklist = Request("/todos?per_page=50")

    def starts(self, cases: int) -> list[Request]:
        return [Request("/cases", {})] * cases

    def submits(self) -> list[Request]:
        rows = self.database.rows("select id, name from todos where status = 'open' order by id")
        return _shuffled(
            Request(f"/todos/{id_}/complete", APPLICATION if name == "apply" else OPINION)
            for id_, name in rows
        )

    def drain(self) -> None:
        """Everything happened inside the requests."""

    def fill(self) -> None:
        self.database.run(
            """
            insert into todos (case_id, guid, name, status, created)
            select (select min(id) from cases), gen_random_uuid()::text, 'approve', 'open', now()
              from generate_series(1, :rows)
            """,
            rows=OPEN_ROWS,
        )
        self.database.run("vacuum analyze")


class Product(System):
    """Ours, through its REST API, with everything on."""

    name = "yijianshi"
    worklist = Request("/api/v1/tasks?limit=50")

    def __init__(
        self, port: int, database: Database, worker_role: str, login: str, password: str
    ) -> None:
        super().__init__(port, database)
        self.worker_role = worker_role
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}"}
        self._numbers = count()

    def starts(self, cases: int) -> list[Request]:
        return [
            Request(
                "/api/v1/cases",
                {
                    "region": "bench",
                    "process": "bench_case",
                    "answers": {
                        "name": "张建国",
                        "id_no": _id_no(next(self._numbers)),
                        "mobile": "13900000001",
                        "employment": "flexible",
                    },
                },
            )
            for _ in range(cases)
        ]

    def submits(self) -> list[Request]:
        rows = self.database.rows(
            "select id, element, revision from work_item where state = 'open' order by id"
        )
        return _shuffled(
            Request(
                f"/api/v1/tasks/{id_}/submit",
                {
                    "revision": revision,
                    "answers": APPLICATION if element == "apply" else OPINION,
                    "submit_key": f"bench-{id_}",
                },
            )
            for id_, element, revision in rows
        )

    def drain(self) -> None:
        """Every call made, answered, and its answer applied to its case.

        Raises:
            RuntimeError: not done in time, or a call got stuck.
        """
        until = time.monotonic() + DRAIN_SECONDS
        query = """
            select count(*), count(*) filter (where state = 'stuck')
              from service_call where finished_at is null
        """
        while (left := self.database.rows(query)[0])[0]:
            if left[1] or time.monotonic() > until:
                raise RuntimeError(f"{left[0]} calls unfinished, {left[1]} stuck")
            time.sleep(0.01)

    def fill(self) -> None:
        columns = [one.name for one in WorkItem.__table__.columns if one.computed is None]
        self.database.run(
            f"""
            insert into work_item ({", ".join(columns)})
            select {", ".join(f"r.{one}" for one in columns)}
              from work_item w, generate_series(1, :rows) n,
                   jsonb_populate_record(w, jsonb_build_object(
                     'id', gen_random_uuid(), 'token', gen_random_uuid(), 'state', 'open',
                     'due_at', now() + n * interval '1 second', 'closed_at', null,
                     'closed_by', null, 'submit_key', null)) r
             where w.id = (select id from work_item where role = 'hrss_approver' limit 1)
            """,  # noqa: S608 - names of our own columns
            rows=OPEN_ROWS,
        )
        self.database.run("vacuum analyze")


def _shuffled(requests: Iterable[Request]) -> list[Request]:
    """In an order of no meaning, the same every time: neighbours are seldom of one case."""
    listed = list(requests)
    random.Random(1).shuffle(listed)
    return listed


def _id_no(number: int) -> str:
    """An identity number of nobody: county 220199 does not exist (GB 11643-1999 check digit)."""
    born = date(1960, 1, 1) + timedelta(days=number // 900)
    digits = f"220199{born:%Y%m%d}{number % 900 + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]
    )
