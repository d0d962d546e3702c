"""Gateways that join, safe inside loops.

SpiffWorkflow judges a join from the history of the whole tree, so that on the second pass of a
"send back" loop it counts arrivals of the first pass. Ours counts tokens: every arrival waits, and
a join is judged only once nothing else in the process can move (``settle``). The arrivals that go
on together are used up, so a later pass starts from nothing.
"""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs import control, defaults
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class _TokenJoin:
    """What both joins share: wait on arrival, go on together."""

    name: str

    def _update_hook(self, my_task: Task) -> bool:
        my_task._inherit_data()
        my_task._set_state(TaskState.WAITING)
        return False

    def together(self, arrived: list[Task]) -> list[Task]:
        """Which of the arrivals may go on now as one; empty if they must wait."""
        raise NotImplementedError


class ParallelGateway(_TokenJoin, defaults.ParallelGateway):
    """Goes on when every incoming flow holds a token; a second token on a flow keeps waiting."""

    def together(self, arrived: list[Task]) -> list[Task]:
        first: dict[str, Task] = {}
        for task in arrived:
            first.setdefault(task.parent.task_spec.name, task)
        return list(first.values()) if set(self._inputs) <= first.keys() else []

    def _run_hook(self, my_task: Task) -> bool:
        return True


class InclusiveGateway(_TokenJoin, defaults.InclusiveGateway):
    """Goes on when no other token of the same fork can still come.

    Two tokens came out of the fork where their lines in the tree part. A token that reaches this
    gateway only by going back through that fork belongs to a later pass and is not waited for.
    """

    def together(self, arrived: list[Task]) -> list[Task]:
        line = {task.id: task for task in _line(arrived[0])}
        for token in arrived[0].workflow.tasks.values():
            if token.has_state(ACTIVE) and token.task_spec is not self:
                fork = next(task for task in _line(token) if task.id in line)
                if self._reachable(token.task_spec, fork.task_spec):
                    return []
        return arrived

    def _reachable(self, start: Any, fork: Any) -> bool:
        seen, pending = {fork.name}, [start]
        while pending:
            spec = pending.pop()
            if spec is self and spec is not fork:
                return True
            for output in spec.outputs:
                if output.name not in seen:
                    seen.add(output.name)
                    pending.append(output)
        return False

    def _run_hook(self, my_task: Task) -> bool:
        matches, otherwise = self._get_matching_outputs(my_task)
        my_task._sync_children(matches or otherwise, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class _EndJoin(control._EndJoin):
    """The end of a process: waits for every token and keeps the locals of every branch."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        return not any(
            task.has_state(ACTIVE) and task.task_spec is not self
            for task in my_task.workflow.tasks.values()
        )

    def _run_hook(self, my_task: Task) -> bool:
        data: dict[str, Any] = {}
        for task in my_task.workflow.tasks.values():
            if task.task_spec is self and task.parent.state == TaskState.COMPLETED:
                data |= task.parent.data
        my_task.data = data | my_task.parent.data
        return True


def settle(workflow: BpmnWorkflow) -> bool:
    """Let one join of a process go on, if one may. Call only when nothing else there is ready.

    Returns:
        Whether a join became ready.
    """
    waiting: dict[str, list[Task]] = {}
    for task in workflow.tasks.values():
        if task.state == TaskState.WAITING and isinstance(task.task_spec, _TokenJoin):
            waiting.setdefault(task.task_spec.name, []).append(task)
    for arrived in waiting.values():
        if ours := arrived[0].task_spec.together(arrived):
            _go_on_together(ours)
            return True
    return False


def _go_on_together(arrived: list[Task]) -> None:
    """The first arrival carries on with what every branch changed; the others end here."""
    goes_on, *others = arrived
    goes_on.data = _merged(arrived)
    for task in others:
        task.cancel()
    goes_on._ready()


def _merged(arrived: list[Task]) -> dict[str, Any]:
    """Locals of all branches. A branch that left a value alone does not undo another's change."""
    line = {task.id for task in _line(arrived[0])}
    for task in arrived[1:]:
        line &= {ancestor.id for ancestor in _line(task)}
    fork = next((task for task in _line(arrived[0]) if task.id in line), arrived[0])
    merged = dict(fork.data)
    for task in arrived:
        for name, value in task.parent.data.items():
            if name not in fork.data or fork.data[name] != value:
                merged[name] = value
    return merged


def _line(task: Task | None) -> Iterator[Task]:
    """The task and its ancestors, youngest first."""
    while task is not None:
        yield task
        task = task.parent
