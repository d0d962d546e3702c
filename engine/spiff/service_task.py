"""Work that is done elsewhere: service tasks and called processes."""

from SpiffWorkflow.spiff.specs import defaults
from SpiffWorkflow.task import Task


class ServiceTask(defaults.ServiceTask):
    """Starts and then waits (state STARTED) until ``finish_call`` or ``refuse_call``."""

    def _execute(self, task: Task) -> None:
        """Nothing happens here: the call itself is made by a worker after the commit."""


class CallActivity(defaults.CallActivity):
    """Runs another process. Locals stay on their own side: only case data is shared."""

    def copy_data(self, my_task: Task, subworkflow: object) -> None:
        """The called process begins without locals."""

    def update_data(self, my_task: Task, subworkflow: object) -> None:
        """The caller keeps its own locals."""
