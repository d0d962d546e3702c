"""The state of a running process as bytes, without the diagram it runs.

One row per task: id, row number of the parent, element, state, internal data, locals. Written out
in full rather than with the library's deltas: locals are few, and full rows survive anything.
"""

import json
import zlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task

from engine.errors import DiagramFault
from engine.spiff.workflow import CaseWorkflow

#: Version of the bytes written here and by ``parsing``; stored beside every state and definition.
SERIALIZER = 1


def dump_state(workflow: CaseWorkflow, passed: Iterable[tuple[str, str]]) -> bytes:
    """Write the state down.

    Args:
        passed: (process, element or flow) pairs in the order in which each was passed last, kept
            because ended called processes are forgotten.
    """
    content = {
        "serializer": SERIALIZER,
        "passed": list(passed),
        "case": _rows(workflow),
        "called": [
            {"host": host.hex, "spec": called.spec.name, **_rows(called)}
            for host, called in workflow.subprocesses.items()
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 1)


def load_state(
    state: bytes, spec: Any, subprocess_specs: dict[str, Any]
) -> tuple[CaseWorkflow, dict[tuple[str, str], None]]:
    """Restore the state over a definition; the script engine is still to be set.

    Raises:
        DiagramFault: the bytes are of another version or do not fit the definition.
    """
    content = json.loads(zlib.decompress(state))
    if content["serializer"] != SERIALIZER:
        raise DiagramFault(f"办件状态的版本不受支持：{content['serializer']}")
    workflow = CaseWorkflow(spec, subprocess_specs, deserializing=True)
    _restore(workflow, content["case"])
    for entry in content["called"]:
        host = workflow.find(UUID(entry["host"]))
        if host is None:
            raise DiagramFault("办件状态不完整：找不到调用活动所在的环节。")
        called = workflow.adopt(host, entry["spec"], deserializing=True)
        called.completed_event.connect(host.task_spec._on_subworkflow_completed, host)
        _restore(called, entry)
    return workflow, dict.fromkeys((process, element) for process, element in content["passed"])


def _rows(workflow: BpmnWorkflow) -> dict[str, Any]:
    number = {task_id: i for i, task_id in enumerate(workflow.tasks)}
    return {
        "completed": workflow.completed,
        "tasks": [
            [
                task.id.hex,
                number.get(task._parent, -1),
                task.task_spec.name,
                task.state,
                task.internal_data,
                task.data,
            ]
            for task in workflow.tasks.values()
        ],
    }


def _restore(workflow: BpmnWorkflow, entry: dict[str, Any]) -> None:
    tasks: list[Task] = []
    for task_id, parent, name, state, internal, data in entry["tasks"]:
        if name not in workflow.spec.task_specs:
            raise DiagramFault(f"流程图中没有办件所在的环节：{name}")
        task = Task(
            workflow,
            workflow.spec.task_specs[name],
            tasks[parent] if parent >= 0 else None,
            state=state,
            id=UUID(task_id),
        )
        task.internal_data, task.data = internal, data
        tasks.append(task)
    workflow.task_tree = tasks[0]
    workflow.completed = entry["completed"]
