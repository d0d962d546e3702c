"""Which boundary event catches an error: the nearest one around this very token, nobody else's.

The library broadcasts errors, so that a refusal of one agency would interrupt the matters of the
others. Here an error looks at the boundary of its own activity, then of each enclosing activity.
"""

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState


def boundary_for(task: Task, code: str) -> Task | None:
    """The waiting error boundary that catches ``code`` for ``task``, or ``None``.

    A boundary that names the code goes before one that catches every code on the same activity.
    """
    for activity in enclosing(task):
        catching = {
            event.task_spec.event_definition.code: event for event in _error_boundaries(activity)
        }
        if found := catching.get(code) or catching.get(None):
            return found
    return None


def enclosing(task: Task) -> Iterator[Task]:
    """The task, then the activities around it, innermost first."""
    while task is not None:
        yield task
        host = task.workflow.parent_task_id
        task = task.workflow.top_workflow.get_task_from_id(host) if host is not None else None


def _error_boundaries(activity: Task) -> Iterator[Task]:
    if activity.parent is None or not isinstance(activity.parent.task_spec, BoundaryEventSplit):
        return
    for sibling in activity.parent.children:
        spec = sibling.task_spec
        if (
            isinstance(spec, BoundaryEvent)
            and isinstance(spec.event_definition, ErrorEventDefinition)
            and sibling.state == TaskState.WAITING
        ):
            yield sibling
