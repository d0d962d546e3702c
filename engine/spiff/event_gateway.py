"""The event-based gateway: it waits for several events and goes on with the first."""

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimeDateEventDefinition
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState


class EventBasedGateway(defaults.EventBasedGateway):
    """Each event keeps its own due time on its own child task, whose id names the wait.

    The library keeps one due time for all events of a gateway, so that a second timer is lost.
    """

    def _update_hook(self, my_task: Task) -> bool:
        my_task._inherit_data()
        if "chosen" in my_task.internal_data:
            return True
        my_task._set_state(TaskState.WAITING)
        my_task._sync_children(self.outputs, TaskState.MAYBE)
        for child, event in zip(
            my_task.children, self.event_definition.event_definitions, strict=True
        ):
            if isinstance(event, TimeDateEventDefinition):
                child.data = dict(my_task.data)
                event.has_fired(child)
        return False

    def _run_hook(self, my_task: Task) -> bool:
        chosen = my_task.internal_data.pop("chosen")
        event = self._wf_spec.task_specs[chosen]
        my_task._sync_children([event], TaskState.FUTURE)
        for child in my_task.children:
            child.internal_data.pop("event_value", None)
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


def choose(child: Task) -> Task:
    """Let the gateway above go on with the event this task stands for; returns the gateway."""
    gateway = child.parent
    gateway.internal_data["chosen"] = child.task_spec.name
    gateway.task_spec._update(gateway)
    return gateway
