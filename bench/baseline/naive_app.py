"""What a developer builds in an afternoon on the same libraries.

The library's own serializer, one JSON row per case, one row per user task, service tasks that do
nothing. No sign-in, no rights, no history, no forms, no deadlines, nothing sealed, no agencies.

Run it with ``gunicorn bench.baseline.naive_app:app``, the database's address in ``NAIVE_DB``.
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, Response, jsonify, request
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["NAIVE_DB"], pool_size=10)


class Base(DeclarativeBase):
    """The tables."""


class Case(Base):
    """A case with the library's state of it."""

    __tablename__ = "cases"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    status: Mapped[str] = mapped_column(String(20), default="running")
    # not jsonb: it re-orders keys, and the library then loses task data silently
    state: Mapped[dict[str, Any]] = mapped_column(JSON)


class Todo(Base):
    """A user task of a case."""

    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    guid: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default="open")
    created: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=lambda: datetime.now(UTC)
    )
    done: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (Index("todo_open", "status", "id"),)


class Script(PythonScriptEngine):
    """The library's script engine with a connector that does nothing."""

    def call_service(self, task: Any, **_: Any) -> str:
        """Answer every service task at once."""
        return json.dumps({"ok": True})


parser = SpiffBpmnParser()
parser.add_bpmn_file(str(Path(__file__).with_name("w.bpmn")))
spec = parser.get_spec("retirement_joint_handling")
serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))


def save(db: Session, case: Case, workflow: BpmnWorkflow) -> None:
    """Run on to the next user tasks; write the state and the new tasks."""
    workflow.do_engine_steps()
    known = set(db.scalars(select(Todo.guid).where(Todo.case_id == case.id))) if case.id else set()
    case.state = serializer.to_dict(workflow)
    case.status = "done" if workflow.is_completed() else "running"
    db.add(case)
    db.flush()
    for task in workflow.get_tasks(state=TaskState.READY, manual=True):
        if str(task.id) not in known:
            db.add(Todo(case_id=case.id, guid=str(task.id), name=task.task_spec.name))


def start_case() -> int:
    """Begin a case."""
    with Session(engine) as db, db.begin():
        case = Case()
        save(db, case, BpmnWorkflow(spec, script_engine=Script()))
        return case.id


def complete(todo_id: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a task."""
    with Session(engine) as db, db.begin():
        todo = db.get_one(Todo, todo_id)
        case = db.get_one(Case, todo.case_id, with_for_update=True)
        if todo.status != "open":
            raise ValueError("already done")
        workflow = serializer.from_dict(case.state)
        workflow.script_engine = Script()
        task = workflow.get_task_from_id(UUID(todo.guid))
        task.data.update(answers)
        task.run()
        todo.status, todo.done = "done", datetime.now(UTC)
        save(db, case, workflow)
        return {"case": case.id, "status": case.status}


def worklist(page: int, size: int) -> Sequence[dict[str, Any]]:
    """List open tasks, newest first."""
    newest = select(Todo).where(Todo.status == "open").order_by(Todo.id.desc())
    with Session(engine) as db:
        return [
            {"id": todo.id, "case_id": todo.case_id, "name": todo.name}
            for todo in db.scalars(newest.limit(size).offset((page - 1) * size))
        ]


Base.metadata.create_all(engine)
app = Flask(__name__)


@app.post("/cases")
def post_case() -> tuple[Response, int]:
    """Begin a case."""
    return jsonify(id=start_case()), 201


@app.post("/todos/<int:todo_id>/complete")
def post_todo(todo_id: int) -> Response:
    """Complete a task."""
    return jsonify(complete(todo_id, request.get_json()))


@app.get("/todos")
def get_todos() -> Response:
    """List open tasks."""
    page, size = request.args.get("page", 1, type=int), request.args.get("per_page", 50, type=int)
    return jsonify(worklist(page, size))
