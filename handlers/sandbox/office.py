"""The offices behind the wire: they take a request once, answer, and remember.

All agencies are played by one ``Office``; the same request id always meets the same request.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from engine.errors import AgencyReplyUnreadable, Conflict, Invalid, NotFound
from engine.operations import Operation, OperationRegister
from handlers.envelope import Reply, Request, check_business, read_reply
from handlers.sandbox.behaviours import BY_A_PERSON, Behaviour, plan
from handlers.sandbox.instructions import Instructions
from handlers.sandbox.records import Records

#: Statuses after which nothing more will come.
FINAL = frozenset({"SUCCESS", "FAILED"})


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire; ``hold`` keeps it back until the asker has given up."""

    status: int
    body: bytes
    hold: bool = False


class Office:
    """Every agency of the sandbox.

    Args:
        folder: where the file is kept.
        operations: what can be asked for.
        clock: the case clock; may run ahead of the machine's in a demonstration.
        delay_seconds: how long after acceptance feedback is sent.
        attended: whether people sit before it; then what only a person can do waits for one.
        address: under which it is reached, for the QR codes it hands out.
    """

    def __init__(
        self,
        folder: Path,
        operations: OperationRegister,
        clock: Callable[[], datetime],
        delay_seconds: float = 3,
        *,
        attended: bool = False,
        address: str = "",
    ) -> None:
        self.records = Records(folder)
        self.instructions = Instructions(self.records, operations, attended=attended)
        self.address = address
        self.operations = operations
        self.clock = clock
        self.delay_seconds = delay_seconds

    def receive(self, request: Request) -> Answer:
        """Take a request, or recognise one that was taken before.

        Raises:
            NotFound: no such operation.
            Invalid: the business block does not fit the operation.
            Conflict: the same request id was used for something else.
        """
        operation = self.operations.get(request.operation)
        check_business(operation, request.business)
        now = self.clock()
        with self.records.change() as db:
            known = db.execute(
                "select * from request where id = ?", (str(request.request_id),)
            ).fetchone()
            if operation.agency in _out(db):
                answer = Answer(503, "部门系统停机维护".encode())
            elif known:
                answer = _repeat(known, request)
            else:
                answer = self._take(db, operation, request, now)
            _note(db, request.request_id, "send", now, f"HTTP {answer.status}")
        return answer

    def _take(
        self, db: sqlite3.Connection, operation: Operation, request: Request, now: datetime
    ) -> Answer:
        behaviour = self.instructions.next(db, operation, request)
        if behaviour.kind == "fail":
            return Answer(500, "部门系统内部错误".encode())
        seconds = behaviour.delay_seconds
        delay = timedelta(seconds=self.delay_seconds if seconds is None else seconds)
        said = plan(behaviour, operation, request, now, delay)
        answer = said.answer
        if operation.code in BY_A_PERSON and answer.status == "ACCEPTED":
            scan = {"scan_url": f"{self.address}/face/{request.request_id}"}
            answer = answer.model_copy(update={"business": scan})
        db.execute(
            "insert into request values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
            (
                str(request.request_id),
                operation.code,
                operation.agency,
                request.case_no,
                request.person.name,
                request.person.id_no,
                request.model_dump_json(),
                _digest(request),
                behaviour.kind,
                answer.model_dump_json(),
                answer.status,
                now.timestamp(),
            ),
        )
        if answer.status == "SUCCESS":
            _effect(db, answer.request_id, now)
        for due, reply in said.later:
            _queue(db, reply, due, stubborn=behaviour.kind == "late")
        if behaviour.kind == "garbage":
            return Answer(200, b"<html><h1>\xff\xfe 500 OK</h1>")
        return Answer(200, answer.model_dump_json().encode(), behaviour.kind == "hang")

    def note_file(self, request_id: UUID, outcome: str) -> None:
        """Write down what became of fetching a file of a request."""
        with self.records.change() as db:
            _note(db, request_id, "file", self.clock(), outcome)

    def agency_of(self, request_id: str) -> str:
        """Return which agency has a request, or raise ``NotFound``."""
        with self.records.look() as db:
            return str(_row(db, request_id)["agency"])

    def ask(self, request_id: str) -> Answer:
        """Tell what became of a request.

        Raises:
            NotFound: it never came.
        """
        now = self.clock()
        with self.records.change() as db:
            row = _row(db, request_id)
            out = row["agency"] in _out(db)
            _note(db, request_id, "ask", now, "HTTP 503" if out else "HTTP 200")
        return Answer(503, b"") if out else Answer(200, row["answer"].encode())

    def cancel(self, request_id: str, reason: str) -> Answer:
        """Stop work on a request; nothing more is said about it unless the office is stubborn.

        Raises:
            NotFound: it never came.
            Conflict: it was already finished.
        """
        now = self.clock()
        with self.records.change() as db:
            row = _row(db, request_id)
            out = row["agency"] in _out(db)
            finished = row["status"] in FINAL
            _note(db, request_id, "cancel", now, "HTTP 503" if out else reason)
            if not out and not finished:
                db.execute(
                    "update request set cancelled_at = coalesce(cancelled_at, ?) where id = ?",
                    (now.timestamp(), request_id),
                )
                db.execute(
                    "update feedback set state = 'dropped'"
                    " where request_id = ? and state = 'waiting' and not stubborn",
                    (request_id,),
                )
        if out:
            return Answer(503, b"")
        if finished:
            raise Conflict("该请求已办结，无法撤销。")
        return Answer(204, b"")

    def answer(self, request_id: str, behaviour: Behaviour) -> None:
        """A person answers: the reply is sent as feedback at once.

        Args:
            request_id: the request answered.
            behaviour: of kind ``reply``; its ``business`` replaces the plausible fields.

        Raises:
            NotFound: no such request.
            Invalid: the reply does not fit the operation.
        """
        now = self.clock()
        with self.records.change() as db:
            row = _row(db, request_id)
            operation = self.operations.get(row["operation"])
            request = Request.model_validate_json(row["content"])
            try:
                said = plan(behaviour, operation, request, now, timedelta()).answer
                read_reply(said.model_dump_json().encode(), operation, request.request_id)
            except AgencyReplyUnreadable as error:
                raise Invalid(error.message) from None
            except ValidationError:
                raise Invalid("答复的内容不符合格式。") from None
            _queue(db, said, now, stubborn=True)

    def mature(self) -> None:
        """Make due feedback ready to be sent; this is when an office does what it says."""
        now = self.clock()
        with self.records.look() as db:
            nothing = not db.execute(_DUE, (now.timestamp(),)).fetchone()
        if nothing:
            return
        with self.records.change() as db:
            for row in db.execute(_DUE, (now.timestamp(),)).fetchall():
                db.execute("update feedback set state = 'ready' where id = ?", (row["id"],))
                _settle(db, Reply.model_validate_json(row["content"]), now)

    def send_again(self, request_id: str) -> None:
        """Make all feedback of a request that was sent or refused go out once more."""
        with self.records.change() as db:
            _row(db, request_id)
            db.execute(
                "update feedback set state = 'ready', try_at = 0, note = ''"
                " where request_id = ? and state in ('sent', 'refused')",
                (request_id,),
            )

    def latest(self, word: str = "", limit: int = 50) -> list[dict[str, Any]]:
        """The latest requests, or those of a person or case; with their counts."""
        with self.records.look() as db:
            rows = db.execute(
                "select r.*,"
                " (select count(*) from arrival a"
                "   where a.request_id = r.id and a.kind = 'send') as received,"
                " (select group_concat(distinct state) from feedback f"
                "   where f.request_id = r.id) as feedback"
                " from request r where ? in ('', r.name, r.id_no, r.case_no, r.id)"
                " order by r.received_at desc, r.id desc limit ?",
                (word, limit),
            ).fetchall()
        return [dict(row) for row in rows]

    def story(self, request_id: str) -> dict[str, Any]:
        """Everything known about one request.

        Raises:
            NotFound: it never came.
        """
        with self.records.look() as db:
            return {
                "request": dict(_row(db, request_id)),
                "arrivals": [
                    dict(row)
                    for row in db.execute(
                        "select * from arrival where request_id = ? order by id", (request_id,)
                    )
                ],
                "feedback": [
                    dict(row)
                    for row in db.execute(
                        "select * from feedback where request_id = ? order by id", (request_id,)
                    )
                ],
            }

    def audit(self) -> list[dict[str, Any]]:
        """For an auditor: per request, how often it was received and how often it had effect."""
        with self.records.look() as db:
            rows = db.execute(
                "select r.id as request_id, r.operation, r.case_no, r.status,"
                " r.cancelled_at is not null as cancelled,"
                " (select count(*) from arrival a"
                "   where a.request_id = r.id and a.kind = 'send') as received,"
                " (select count(*) from effect e where e.request_id = r.id) as effects"
                " from request r order by r.received_at, r.id"
            ).fetchall()
        return [{**row, "cancelled": bool(row["cancelled"])} for row in map(dict, rows)]


_DUE = "select * from feedback where state = 'waiting' and due_at <= ? order by due_at, id limit 50"


def _repeat(known: sqlite3.Row, request: Request) -> Answer:
    if known["digest"] != _digest(request):
        raise Conflict("同一请求编号曾用于不同的内容。")
    return Answer(200, known["answer"].encode())


def _digest(request: Request) -> str:
    """What must be the same in all attempts."""
    fixed = request.model_dump(mode="json", exclude={"attempt", "sent_at", "callback_url", "files"})
    fixed["files"] = sorted(one.sha256 for one in request.files)  # links are new every time
    return sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()


def _row(db: sqlite3.Connection, request_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "select * from request where id = ?", (request_id,)
    ).fetchone()
    if row is None:
        raise NotFound("没有收到过这一请求。")
    return row


def _out(db: sqlite3.Connection) -> set[str]:
    return {row["agency"] for row in db.execute("select agency from outage")}


def _settle(db: sqlite3.Connection, reply: Reply, now: datetime) -> None:
    """Remember what is said now. The first final word stays; the first success is the deed."""
    changed = db.execute(
        "update request set answer = ?, status = ?"
        " where id = ? and status not in ('SUCCESS', 'FAILED')",
        (reply.model_dump_json(), reply.status, str(reply.request_id)),
    ).rowcount
    if changed and reply.status == "SUCCESS":
        _effect(db, reply.request_id, now)


def _effect(db: sqlite3.Connection, request_id: UUID, now: datetime) -> None:
    db.execute(
        "insert into effect (request_id, at) values (?, ?)", (str(request_id), now.timestamp())
    )


def _queue(db: sqlite3.Connection, reply: Reply, due: datetime, *, stubborn: bool) -> None:
    db.execute(
        "insert into feedback (request_id, content, due_at, stubborn, state)"
        " values (?, ?, ?, ?, 'waiting')",
        (str(reply.request_id), reply.model_dump_json(), due.timestamp(), stubborn),
    )


def _note(
    db: sqlite3.Connection, request_id: UUID | str, kind: str, now: datetime, outcome: str
) -> None:
    db.execute(
        "insert into arrival (request_id, kind, at, outcome) values (?, ?, ?, ?)",
        (str(request_id), kind, now.timestamp(), outcome),
    )
