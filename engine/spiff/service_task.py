"""Work that is done elsewhere: service tasks and called processes."""

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.spiff.specs import defaults
from SpiffWorkflow.task import Task


class ServiceTask(defaults.ServiceTask):
    """Starts and then waits (state STARTED) until ``finish_call`` or ``refuse_call``."""

    def _execute(self, task: Task) -> None:
        """Nothing happens here: the call itself is made by a worker after the commit."""


class CallActivity(defaults.CallActivity):
    """Runs another process, which begins without locals and gives its own back when it ends.

    So an item never sees what another item left behind, yet a caller may branch on the result.
    """

    def copy_data(self, my_task: Task, subworkflow: BpmnSubWorkflow) -> None:
        """The called process begins without locals."""

    def update_data(self, my_task: Task, subworkflow: BpmnSubWorkflow) -> None:
        """What the called process assigned becomes the caller's, too."""
        my_task.data.update(subworkflow.last_task.data)
