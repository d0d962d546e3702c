"""Timers that never look at a clock: only ``fire_timer`` makes them fire."""

from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions import timer
from SpiffWorkflow.task import Task

from engine.errors import DiagramFault


class TimeDateEventDefinition(timer.TimeDateEventDefinition):
    """Works out when it is due as the token arrives, and waits to be told that it fired."""

    def has_fired(self, my_task: Task) -> bool:
        if "event_value" not in my_task.internal_data:
            value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
            my_task.internal_data["event_value"] = instant(value, self.expression)
        return bool(my_task.internal_data.get("event_fired"))


def due_at(task: Task) -> datetime | None:
    """When the timer of this task is due; aware UTC."""
    value = task.internal_data.get("event_value")
    return None if value is None else datetime.fromisoformat(value)


def move(task: Task, due: datetime) -> None:
    """Give a waiting timer another due time; aware."""
    task.internal_data["event_value"] = due.astimezone(UTC).isoformat()


def instant(value: Any, expression: str) -> str:
    """What an expression gave, as an instant in UTC; ``DiagramFault`` if it is none."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise DiagramFault(f"定时时间无法计算：{expression} 得到 {value!r}") from error
    if moment.tzinfo is None:
        raise DiagramFault(f"定时时间缺少时区：{expression} 得到 {value!r}")
    return moment.astimezone(UTC).isoformat()
