"""How agencies were told to behave: per person, per operation, for the next requests or always."""

import json
import sqlite3
from dataclasses import asdict, dataclass

from engine.errors import Invalid
from engine.operations import Operation, OperationRegister
from handlers.envelope import Request
from handlers.sandbox.behaviours import Behaviour, usual
from handlers.sandbox.records import Records


@dataclass(frozen=True)
class Instruction:
    """One line of the list on the page."""

    id: int
    operation: str
    person: str
    behaviour: Behaviour
    times: int | None


class Instructions:
    """The list of instructions and the outage switches."""

    def __init__(
        self, records: Records, operations: OperationRegister, *, attended: bool = False
    ) -> None:
        self._records = records
        self._attended = attended
        self._operations = operations

    def add(
        self,
        behaviour: Behaviour,
        *,
        operation: str = "",
        person: str = "",
        times: int | None = 1,
    ) -> None:
        """Tell agencies how to behave.

        Args:
            behaviour: what to do.
            operation: ``agency/verb``; empty for all operations.
            person: a name or identity number; empty for everybody.
            times: for the next so many requests; ``None`` until taken back.

        Raises:
            Invalid: no such operation or reason code, or a number of times below one.
        """
        if operation and operation not in self._operations:
            raise Invalid(f"没有登记的服务操作：{operation}", {"operation": "没有登记的服务操作"})
        code = behaviour.reason_code
        if code and not (operation and code in self._operations.get(operation).refusals):
            raise Invalid("该操作没有这一原因代码。", {"reason_code": "该操作没有这一原因代码"})
        if (
            behaviour.kind == "refuse"
            and operation
            and not self._operations.get(operation).refusals
        ):
            raise Invalid("该操作不会不予办理。", {"kind": "该操作没有不予办理的情形"})
        if times is not None and times < 1:
            raise Invalid("次数应不小于 1。", {"times": "次数应不小于 1"})
        with self._records.change() as db:
            db.execute(
                "insert into instruction (operation, person, behaviour, times) values (?, ?, ?, ?)",
                (operation, person.strip(), json.dumps(asdict(behaviour)), times),
            )

    def take_back(self, instruction: int) -> None:
        """Remove an instruction; repeats are harmless."""
        with self._records.change() as db:
            db.execute("delete from instruction where id = ?", (instruction,))

    def all(self) -> list[Instruction]:
        """All instructions still in force, oldest first."""
        with self._records.look() as db:
            rows = db.execute("select * from instruction order by id").fetchall()
        return [
            Instruction(row["id"], row["operation"], row["person"], _behaviour(row), row["times"])
            for row in rows
        ]

    def next(self, db: sqlite3.Connection, operation: Operation, request: Request) -> Behaviour:
        """Choose and use up the instruction for a request: the closest one, the oldest first.

        A person counts for more than an operation. Call inside ``Records.change``.
        """
        row = db.execute(
            "select * from instruction where operation in ('', ?) and person in ('', ?, ?)"
            " order by person = '', operation = '', times is null, id limit 1",
            (operation.code, request.person.name, request.person.id_no),
        ).fetchone()
        if row is None:
            return usual(operation, attended=self._attended)
        if row["times"] == 1:
            db.execute("delete from instruction where id = ?", (row["id"],))
        elif row["times"] is not None:
            db.execute("update instruction set times = times - 1 where id = ?", (row["id"],))
        behaviour = _behaviour(row)
        # "Everybody is refused" cannot mean an operation that never refuses.
        return (
            usual(operation, attended=self._attended)
            if behaviour.kind == "refuse" and not operation.refusals
            else behaviour
        )

    def switch_outage(self, agency: str, out: bool) -> None:
        """Take an agency off the net, or bring it back."""
        with self._records.change() as db:
            if out:
                db.execute("insert or ignore into outage values (?)", (agency,))
            else:
                db.execute("delete from outage where agency = ?", (agency,))

    def outages(self) -> frozenset[str]:
        """The agencies that are off the net."""
        with self._records.look() as db:
            return frozenset(row["agency"] for row in db.execute("select agency from outage"))


def _behaviour(row: sqlite3.Row) -> Behaviour:
    return Behaviour(**json.loads(row["behaviour"]))
