"""A running process instance: the only way the rest of the engine touches SpiffWorkflow.

Every action names its place by a token and returns the difference it made. An instance that raised
anything is to be thrown away: what it did halfway is only in memory.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import Conflict, DiagramFault
from engine.expressions import Functions
from engine.packs.diagram import Node
from engine.spiff import joins, timers
from engine.spiff.boundary import boundary_for, enclosing
from engine.spiff.evaluation import CaseEvaluation
from engine.spiff.event_gateway import EventBasedGateway, choose
from engine.spiff.parsing import Definition, compile_process, load_definition
from engine.spiff.state import SERIALIZER, dump_state, load_state
from engine.spiff.step import Closed, Step, Visit, Wait, WaitKind
from engine.spiff.workflow import CaseWorkflow

__all__ = ["SERIALIZER", "Definition", "ProcessInstance", "compile_process", "load_definition"]

#: A diagram that runs this many elements without waiting goes round in circles.
MAX_RUN = 2_000


class ProcessInstance:
    """One case's process. Make it with ``start`` or ``load``; never keep it across transactions."""

    def __init__(
        self,
        definition: Definition,
        workflow: CaseWorkflow,
        passed: dict[tuple[str, str], None],
        names: Mapping[str, Any],
        functions: Functions,
    ) -> None:
        self._definition, self._workflow, self._passed = definition, workflow, passed
        self._names = names
        self._workflow.script_engine = CaseEvaluation(names, functions, self._item_of)
        self._visits: list[Visit] = []
        self._left: set[UUID] = set()
        self._outcome: Visit | None = None

    @classmethod
    def start(
        cls, definition: Definition, names: Mapping[str, Any], functions: Functions
    ) -> tuple["ProcessInstance", Step]:
        """Begin a process and run it to its first waits.

        Args:
            names: section → its fields, read lazily, e.g. ``{"retire": {"date": "2027-05-20"}}``; a
                section of a joint item is named ``<item>.<section>``.
            functions: what expressions may call.

        Raises:
            DiagramFault: the diagram is broken; do not retry.
        """
        workflow = CaseWorkflow(definition.spec, definition.subprocess_specs)
        instance = cls(definition, workflow, {}, names, functions)
        return instance, instance._advance(lambda: None)

    @classmethod
    def load(
        cls, definition: Definition, state: bytes, names: Mapping[str, Any], functions: Functions
    ) -> "ProcessInstance":
        """Take up a process where ``dump`` left it."""
        workflow, passed = load_state(state, definition.spec, definition.subprocess_specs)
        return cls(definition, workflow, passed, names, functions)

    def dump(self) -> bytes:
        """Write the state as bytes, with ``SERIALIZER`` inside."""
        return dump_state(self._workflow, self._passed)

    def complete_task(self, token: UUID) -> Step:
        """A person finished a user task. Raises ``Conflict`` if no user task waits there."""
        task = self._waiting(token, "user")
        return self._advance(lambda: self._run(task))

    def finish_call(self, token: UUID, status: str = "SUCCESS", code: str | None = None) -> Step:
        """An agency answered. ``status`` and ``code`` become locals; the rest is case data.

        Raises:
            Conflict: nobody waits for this answer any more (duplicate, cancelled, too late).
        """
        task = self._waiting(token, "call")
        task.data.update(status=status, code=code)
        return self._advance(lambda: self._finish(task))

    def refuse_call(self, token: UUID, code: str) -> Step | None:
        """An agency said no: go on at the boundary event for ``code``.

        Returns:
            ``None`` if no boundary around this token catches the code: nothing changed, and the
            caller opens an incident.

        Raises:
            Conflict: nobody waits for this answer any more.
        """
        boundary = boundary_for(self._waiting(token, "call"), code)
        if boundary is None:
            return None

        def refuse() -> None:
            self._left.add(token)  # it was answered, not cancelled
            self._trigger(boundary)

        return self._advance(refuse)

    def deliver(self, token: UUID) -> Step:
        """A message reached its one receiver. Raises ``Conflict`` if it no longer waits."""
        task = self._waiting(token, "message")
        return self._advance(lambda: self._trigger(task))

    def fire_timer(self, token: UUID) -> Step:
        """A timer is due; the caller has compared the clock. ``Conflict`` if it is gone."""
        task = self._waiting(token, "timer")
        return self._advance(lambda: self._trigger(task))

    def move_timer(self, token: UUID, due_at: datetime) -> None:
        """Give a waiting timer another due time (aware). ``Conflict`` if it is gone."""
        timers.move(self._waiting(token, "timer"), due_at)

    def timer_expression(self, token: UUID) -> str:
        """What the diagram says of a waiting timer. ``Conflict`` if it is gone."""
        node = self._node(self._waiting(token, "timer"))
        return (node.expression if node else None) or ""

    def timer_due(self, token: UUID, functions: Functions) -> datetime:
        """Work out a waiting timer again, changing nothing.

        Args:
            functions: of the instant at which it was set.

        Raises:
            Conflict: it is gone.
            DiagramFault: it cannot be worked out.
        """
        task = self._waiting(token, "timer")
        expression = self.timer_expression(token)
        evaluation = CaseEvaluation(self._names, functions, self._item_of)
        value = timers.instant(evaluation.evaluate(task, expression), expression)
        return datetime.fromisoformat(value)

    def waits(self) -> tuple[Wait, ...]:
        """Everything the case waits for now, with the parameters of its service calls."""
        return tuple(self._wait(task, kind, asking=True) for task, kind in self._open())

    def passed(self) -> frozenset[tuple[str, str]]:
        """(process, element or sequence flow) pairs passed so far, for drawing the diagram."""
        return frozenset(self._passed)

    def trail(self) -> tuple[tuple[str, str], ...]:
        """The same in the order in which each was passed last, for telling how one came here."""
        return tuple(self._passed)

    def evaluate(self, expression: str) -> Any:
        """Work out an expression of the region's settings over the case data."""
        return self._workflow.script_engine.evaluate_for_case(expression)

    # ------------------------------------------------------------ moving

    def _advance(self, action: Callable[[], None]) -> Step:
        """Do one thing, run on to the next waits and tell the difference."""
        before = {task.id: self._wait(task, kind) for task, kind in self._open()}
        self._visits, self._left, self._outcome = [], set(), None
        try:
            action()
            self._run_to_waits()
        except SpiffWorkflowException as error:
            raise DiagramFault(f"流程图无法继续执行：{error}") from error
        after = list(self._open())
        remaining = {task.id for task, _ in after}
        return Step(
            opened=tuple(self._wait(t, k, asking=True) for t, k in after if t.id not in before),
            closed=tuple(
                Closed(wait, cancelled=token not in self._left)
                for token, wait in before.items()
                if token not in remaining
            ),
            visits=tuple(self._visits),
            finished=self._workflow.completed,
            outcome=self._outcome,
        )

    def _run_to_waits(self) -> None:
        for _ in range(MAX_RUN):
            self._workflow.prune()
            task = self._next_ready()
            if task is not None:
                self._run(task)
            elif not any(joins.settle(workflow) for workflow in self._workflow.all_workflows()):
                return
        raise DiagramFault("流程图中有不经过任何等待的循环。")

    def _next_ready(self) -> Task | None:
        """The innermost work first, so that a called process ends before its caller goes on."""
        for workflow in reversed(list(self._workflow.all_workflows())):
            for task in workflow.tasks.values():
                if task.state == TaskState.READY and not task.task_spec.manual:
                    return task
        return None

    def _run(self, task: Task) -> None:
        node = self._node(task)
        if node is not None and node.kind == "endEvent":
            if node.event == "error":
                self._throw(task, node)
                return
            if task.workflow is self._workflow:
                self._outcome = self._visit(task, node)
        if isinstance(task.task_spec, joins._TokenJoin):
            self._enter_element(task)
        task.run()
        if task.state == TaskState.COMPLETED:
            self._leave(task)

    def _finish(self, task: Task) -> None:
        task.complete()
        self._leave(task)

    def _trigger(self, task: Task) -> None:
        """Let a waiting event happen to this one task."""
        if isinstance(task.parent.task_spec, EventBasedGateway):
            self._left.add(task.id)
            self._run(choose(task))
            return
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        node = self._node(task)
        if node is not None and node.kind == "boundaryEvent":
            self._enter_element(task)
        self._run(task)

    def _throw(self, task: Task, node: Node) -> None:
        """An error end event: it goes to the boundary of the enclosing activity, or nowhere."""
        boundary = boundary_for(task, node.error or "")
        if boundary is None:
            raise DiagramFault(f"错误结束事件 {node.id} 没有对应的边界事件：{node.error}")
        self._left.add(task.id)
        self._pass(node.process, node.id)
        self._trigger(boundary)

    # ------------------------------------------------------------ what was passed

    def _pass(self, process: str, element: str) -> None:
        self._passed.pop((process, element), None)  # passed again: its place is at the end
        self._passed[process, element] = None

    def _leave(self, task: Task) -> None:
        """A task is done: note it, then every place its token went to."""
        self._left.add(task.id)
        if node := self._node(task):
            self._pass(node.process, node.id)
        for child in task.children:
            if child.has_state(TaskState.DEFINITE_MASK):
                self._enter(child)

    def _enter(self, task: Task) -> None:
        """A token arrived: the flow it took, the element, and what that element calls."""
        node = self._node(task)
        if node is None or node.kind == "boundaryEvent":
            return
        self._take_flow(task, node)
        if not isinstance(task.task_spec, joins._TokenJoin):
            self._enter_element(task)
            self._enter_called(task)

    def _enter_element(self, task: Task) -> None:
        if node := self._node(task):
            self._visits.append(self._visit(task, node))

    def _enter_called(self, task: Task) -> None:
        called = self._workflow.subprocesses.get(task.id)
        if called is not None:
            self._leave(called.task_tree)

    def _take_flow(self, task: Task, node: Node) -> None:
        source = next((n for t in joins._line(task.parent) if (n := self._node(t))), None)
        if source is None:
            return
        flow = self._definition.flows[node.scope].get((source.id, node.id))
        if flow is not None:
            self._pass(node.process, flow.id)
            visit = Visit(flow.id, node.process, "sequenceFlow", flow.name, self._item_of(task))
            self._visits.append(visit)

    def _visit(self, task: Task, node: Node) -> Visit:
        return Visit(
            element=node.id,
            process=node.process,
            kind=node.kind,
            name=node.name,
            item=self._item_of(task),
            properties=node.properties,
            message=node.message if node.kind in ("endEvent", "intermediateThrowEvent") else None,
        )

    # ------------------------------------------------------------ what is waited for

    def _open(self) -> Iterator[tuple[Task, WaitKind]]:
        """Tasks that wait for the world. The events of an event gateway wait one by one."""
        for task in self._workflow.all_tasks():
            node = self._node(task)
            if node is None:
                continue
            if node.kind == "userTask" and task.state == TaskState.READY:
                yield task, "user"
            elif node.kind == "serviceTask" and task.state == TaskState.STARTED:
                yield task, "call"
            elif task.state == TaskState.WAITING:
                if isinstance(task.task_spec, EventBasedGateway):
                    yield from ((child, self._event_kind(child)) for child in task.children)
                elif node.event in {"timer", "message"} or node.kind == "receiveTask":
                    yield task, self._event_kind(task)

    def _event_kind(self, task: Task) -> WaitKind:
        node = self._node(task)
        return "timer" if node is not None and node.event == "timer" else "message"

    def _waiting(self, token: UUID, kind: WaitKind) -> Task:
        for task, found in self._open():
            if task.id == token and found == kind:
                return task
        raise Conflict

    def _wait(self, task: Task, kind: WaitKind, *, asking: bool = False) -> Wait:
        """Describe a wait; ``asking`` works out the parameters of a service call, too."""
        node = self._node(task)
        if node is None:
            raise DiagramFault
        evaluate = self._workflow.script_engine.evaluate
        return Wait(
            token=task.id,
            kind=kind,
            element=node.id,
            process=node.process,
            name=node.name,
            lane=node.lane,
            callers=tuple(self._callers_of(task)),
            item=self._item_of(task),
            properties=node.properties,
            operation=node.operation,
            parameters={n: evaluate(task, e) for n, e in node.parameters.items()} if asking else {},
            message=node.message,
            due_at=timers.due_at(task) if kind == "timer" else None,
        )

    # ------------------------------------------------------------ where a task stands

    def _node(self, task: Task) -> Node | None:
        """The element of the diagram this task stands for; ``None`` for the library's own tasks."""
        return self._definition.nodes.get(task.workflow.spec.name, {}).get(task.task_spec.name)

    def _callers_of(self, task: Task) -> Iterator[str]:
        """The lanes of the call activities around a task, innermost first."""
        for activity in enclosing(task):
            node = self._node(activity)
            if node is not None and node.called and node.lane:
                yield node.lane

    def _item_of(self, task: Task) -> str | None:
        """The joint item of a task: its own, its boundary's host's, or the nearest around it."""
        for activity in enclosing(task):
            if (node := self._node(activity)) is None:
                continue
            if item := node.properties.get("item"):
                return item
            host = self._definition.nodes[node.scope].get(node.attached_to or "")
            if host is not None and (item := host.properties.get("item")):
                return item
        return None
