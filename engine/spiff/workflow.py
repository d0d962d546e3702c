"""A running process and its called processes, as SpiffWorkflow keeps them, minus its traps."""

import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff.joins import _EndJoin


class _Watchful:
    """After a task completes only the library's own joins need a second look.

    The library looks at every waiting task in the tree; ours are told explicitly
    (``settle``, ``deliver``, ``fire_timer``), so timers and messages cannot go off by themselves.
    """

    tasks: dict[UUID, Task]
    task_tree: Task

    def get_tasks_iterator(self, first_task: Task | None = None, **filters: Any) -> Any:
        """Walk the whole tree: the library stops at a depth of 1000 and loses what lies below."""
        return BpmnTaskIterator(first_task or self.task_tree, max_depth=sys.maxsize, **filters)

    def update_waiting_tasks(self) -> None:
        for task in list(self.tasks.values()):
            if task.state == TaskState.WAITING and isinstance(
                task.task_spec, BoundaryEventJoin | _EndJoin
            ):
                task.task_spec._update(task)


class CalledWorkflow(_Watchful, BpmnSubWorkflow):
    """A called process or an embedded sub-process."""


class CaseWorkflow(_Watchful, BpmnWorkflow):
    """The outermost process of a case."""

    def create_subprocess(self, my_task: Task, spec_name: str) -> CalledWorkflow:
        return self.adopt(my_task, spec_name)

    def adopt(self, host: Task, spec_name: str, **options: Any) -> CalledWorkflow:
        """Put a called process under the task that calls it."""
        called = CalledWorkflow(
            self.subprocess_specs[spec_name], parent_task_id=host.id, top_workflow=self, **options
        )
        self.subprocesses[host.id] = called
        return called

    def all_workflows(self) -> Iterator[BpmnWorkflow]:
        """This workflow and every called one, callers first."""
        yield self
        yield from self.subprocesses.values()

    def all_tasks(self) -> Iterator[Task]:
        """Every task of the case."""
        for workflow in self.all_workflows():
            yield from workflow.tasks.values()

    def find(self, token: UUID) -> Task | None:
        """The task with this id, if it still exists."""
        for workflow in self.all_workflows():
            if token in workflow.tasks:
                return workflow.tasks[token]
        return None

    def prune(self) -> None:
        """Forget called processes that ended or whose caller was cancelled.

        The library keeps them for ever: states would grow, and one left over from a cancelled
        caller makes the case impossible to load.
        """
        again = True
        while again:
            again = False
            for host_id in list(self.subprocesses):
                host = self.find(host_id)
                if host is None or host.has_state(TaskState.FINISHED_MASK):
                    del self.subprocesses[host_id]
                    again = True
