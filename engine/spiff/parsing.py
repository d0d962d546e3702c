"""From BPMN files to a definition that can run: parsed once per release, then loaded from bytes.

The library parses with its own classes; ours take their place when the bytes are loaded, because
they bear the same names. Always going through bytes also avoids a defect of freshly parsed specs,
whose hooks are not connected.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG

from engine.errors import DiagramFault, PackInvalid
from engine.packs.diagram import Flow, Node, Process, read_processes, read_xml
from engine.packs.pack import read_tables
from engine.packs.problem import Problem
from engine.spiff.business_rule import ask_tables
from engine.spiff.event_gateway import EventBasedGateway
from engine.spiff.joins import InclusiveGateway, ParallelGateway, _EndJoin
from engine.spiff.messages import MessageEventDefinition
from engine.spiff.service_task import CallActivity, ServiceTask
from engine.spiff.state import SERIALIZER
from engine.spiff.timers import TimeDateEventDefinition

_OURS = {
    cls.__name__: cls
    for cls in (
        *(InclusiveGateway, ParallelGateway, EventBasedGateway, _EndJoin),
        *(ServiceTask, CallActivity, TimeDateEventDefinition, MessageEventDefinition),
    )
}
_PARSED = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
_RUNNING = BpmnWorkflowSerializer.configure(
    {_OURS.get(cls.__name__, cls): converter for cls, converter in SPIFF_CONFIG.items()}
)


@dataclass(frozen=True)
class Definition:
    """A compiled process with everything it calls. Shared by all its cases and never changed.

    Args:
        process: id of the outermost process.
        nodes: scope (process or embedded sub-process) → element id → node.
        flows: scope → (source, target) → flow.
    """

    process: str
    nodes: Mapping[str, Mapping[str, Node]]
    flows: Mapping[str, Mapping[tuple[str, str], Flow]]
    spec: Any
    subprocess_specs: dict[str, Any]


def compile_process(files: Mapping[str, bytes], process: str) -> bytes:
    """Compile a process and all it calls.

    Args:
        files: path → content; those that end in ``.bpmn`` and ``.dmn`` are read.
        process: id of the outermost process.

    Raises:
        PackInvalid: the library cannot run it. ``check`` says far more, and sooner.
    """
    parser = SpiffBpmnParser()
    tables = read_tables(files)
    processes: dict[str, Process] = {}
    for file in sorted(files):
        if file.endswith(".bpmn"):
            root = read_xml(file, files[file])
            processes |= {found.id: found for found in read_processes(file, root)}
            ask_tables(root, tables)
            _guarded(file, lambda r=root, f=file: parser.add_bpmn_xml(r, f))
    if process not in processes:
        raise PackInvalid([Problem("", process, "process-missing", f"没有这个流程：{process}")])
    file = processes[process].file
    spec = _guarded(file, lambda: parser.get_spec(process))
    called = _guarded(file, lambda: parser.get_subprocess_specs(process))
    drawn = [found for name, found in processes.items() if name in {process, *called}]
    content = {
        "serializer": SERIALIZER,
        "process": process,
        "spec": _PARSED.convert(spec),
        "called": {name: _PARSED.convert(inner) for name, inner in called.items()},
        "nodes": [asdict(node) for found in drawn for node in found.nodes.values()],
        "flows": [asdict(flow) for found in drawn for flow in found.flows],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def load_definition(content: bytes) -> Definition:
    """Load what ``compile_process`` wrote. Takes some milliseconds: keep the result.

    Raises:
        DiagramFault: written by another version; compile it again from the release's files.
    """
    stored = json.loads(content)
    if stored["serializer"] != SERIALIZER:
        raise DiagramFault(f"流程定义的版本不受支持：{stored['serializer']}")
    nodes: dict[str, dict[str, Node]] = {}
    for entry in stored["nodes"]:
        nodes.setdefault(entry["scope"], {})[entry["id"]] = Node(**entry)
    flows: dict[str, dict[tuple[str, str], Flow]] = {}
    for entry in stored["flows"]:
        flow = Flow(**entry)
        flows.setdefault(flow.scope, {})[(flow.source, flow.target)] = flow
    return Definition(
        process=stored["process"],
        nodes=nodes,
        flows=flows,
        spec=_RUNNING.restore(stored["spec"]),
        subprocess_specs={name: _RUNNING.restore(s) for name, s in stored["called"].items()},
    )


def _guarded(file: str, parse: Any) -> Any:
    try:
        return parse()
    except ValidationException as error:
        problem = Problem(
            error.file_name or file, error.id or "", "not-executable", f"流程无法执行：{error}"
        )
        raise PackInvalid([problem]) from error
