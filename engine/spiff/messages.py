"""Messages that leave a case: nothing is broadcast inside the library."""

from SpiffWorkflow.spiff.specs import event_definitions
from SpiffWorkflow.task import Task


class MessageEventDefinition(event_definitions.MessageEventDefinition):
    """A thrown message is a visit of the step; the engine delivers it to its one receiver."""

    def throw(self, my_task: Task) -> None:
        """Nothing happens here: the command writes the message to the inbox and commits."""
