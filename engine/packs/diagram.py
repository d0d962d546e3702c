"""Read a BPMN file into plain facts: nodes, flows, lanes. Says nothing about how it runs.

The checker, the compiler of processes and the pages that draw a diagram all read these facts, so
they cannot disagree. XML is read hardened: no DOCTYPE, no entities, no network, a limit on size.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from lxml import etree

from engine.errors import PackInvalid
from engine.packs.problem import Problem

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
BOUNDS = "http://www.omg.org/spec/DD/20100524/DC"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
MAX_BYTES = 2_000_000

#: Children of a process that are neither nodes nor flows.
_NOT_NODES = {
    *("laneSet", "documentation", "extensionElements", "textAnnotation", "association", "group"),
    *(
        "incoming",
        "outgoing",
        "sequenceFlow",
        "property",
        "category",
        "multiInstanceLoopCharacteristics",
    ),
    "standardLoopCharacteristics",
}


@dataclass(frozen=True)
class Node:
    """An event, task, gateway, call activity or sub-process of a diagram.

    ``kind`` is the BPMN tag; ``scope`` the process or embedded sub-process it stands in; ``event``
    the kind of its event definition (``timer``, ``message``, ``error`` …, ``""`` for none).
    """

    id: str
    kind: str
    name: str
    process: str
    scope: str
    lane: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    event: str = ""
    expression: str | None = None
    message: str | None = None
    error: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    called: str | None = None
    script: str | None = None
    operation: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = False
    triggered: bool = False
    decision: str | None = None


@dataclass(frozen=True)
class Flow:
    """A sequence flow, with its condition if it has one."""

    id: str
    source: str
    target: str
    scope: str
    name: str
    condition: str | None = None


@dataclass(frozen=True)
class Process:
    """One process of a file, embedded sub-processes included."""

    id: str
    name: str
    file: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    lanes: tuple[str, ...]
    properties: Mapping[str, str] = field(default_factory=dict)


def read_xml(file: str, content: bytes) -> etree._Element:
    """Parse XML that somebody else wrote.

    Raises:
        PackInvalid: malformed, too large, with a DOCTYPE, or with a shape that stands nowhere;
            names the file and the line or element.
    """
    if len(content) > MAX_BYTES:
        raise _refused(file, "xml-too-large", f"文件超过 {MAX_BYTES // 1_000_000} MB。")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise _refused(file, "xml-malformed", f"不是有效的 XML，第 {line} 行附近有误。") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(file, "xml-doctype", "不允许 DOCTYPE 声明，请删除。")
    _ask_where_shapes_stand(file, root)
    return root


def _refused(file: str, code: str, message: str) -> PackInvalid:
    return PackInvalid([Problem(file, "", code, message)])


def read_processes(file: str, root: etree._Element) -> list[Process]:
    """Read every process of a BPMN file."""
    names = {
        "message": _index(root, "message", "name"),
        "error": _index(root, "error", "errorCode"),
    }
    return [_read_process(file, element, names) for element in root.iter(_tag("process"))]


def _ask_where_shapes_stand(file: str, root: etree._Element) -> None:
    """Where shapes stand decides in which order the library takes branches: it must be a number."""
    for shape in root.iter(f"{{{DRAWING}}}BPMNShape"):
        for bounds in shape.iter(f"{{{BOUNDS}}}Bounds"):
            try:
                stands = all(isfinite(float(bounds.get(side, 0))) for side in ("x", "y"))
            except ValueError:
                stands = False
            if not stands:
                element = shape.get("bpmnElement", "")
                message = "图形的位置（x、y）不是数字。请在流程图中移动该图形后重新保存。"
                raise PackInvalid([Problem(file, element, "shape-nowhere", message)])


def _read_process(
    file: str, element: etree._Element, names: Mapping[str, Mapping[str, str]]
) -> Process:
    process = element.get("id", "")
    lanes = {
        (ref.text or "").strip(): lane.get("name", "")
        for lane in element.iter(_tag("lane"))
        for ref in lane.iterfind(_tag("flowNodeRef"))
    }
    nodes: dict[str, Node] = {}
    flows: list[Flow] = []
    for scope, child, lane in _walk(element, process, None, lanes):
        if _local(child) == "sequenceFlow":
            flows.append(_read_flow(child, scope))
        else:
            nodes[child.get("id", "")] = _read_node(child, process, scope, lane, names)
    titles = tuple(lane.get("name", "") for lane in element.iter(_tag("lane")))
    name = element.get("name", process)
    return Process(process, name, file, nodes, tuple(flows), titles, properties(element))


def _walk(
    parent: etree._Element, scope: str, lane: str | None, lanes: Mapping[str, str]
) -> Iterator[tuple[str, etree._Element, str | None]]:
    """All nodes and flows with the scope and lane they stand in; inner ones inherit the lane."""
    for child in parent:
        kind = _local(child)
        if kind == "sequenceFlow":
            yield scope, child, None
        elif kind not in _NOT_NODES and etree.QName(child).namespace == MODEL:
            own = child.get("id", "")
            own_lane = lanes.get(own) or lanes.get(child.get("attachedToRef", "")) or lane
            yield scope, child, own_lane
            if kind.lower().endswith("subprocess") or kind == "transaction":
                yield from _walk(child, own, own_lane, lanes)


def _read_node(
    element: etree._Element,
    process: str,
    scope: str,
    lane: str | None,
    names: Mapping[str, Mapping[str, str]],
) -> Node:
    events = [c for c in element if _local(c).endswith("EventDefinition")]
    event = _local(events[0]).removesuffix("EventDefinition") if len(events) == 1 else ""
    operator = _first(element, f"{_tag('extensionElements')}/{{{SPIFF}}}serviceTaskOperator")
    script = _first(element, _tag("script"))
    return Node(
        id=element.get("id", ""),
        kind=_local(element),
        name=element.get("name", ""),
        process=process,
        scope=scope,
        lane=lane,
        properties=properties(element),
        event="multiple" if len(events) > 1 else event,
        expression=_text(events[0], "timeDate") if event == "timer" else None,
        message=_named(events, element, names["message"], "messageRef"),
        error=_named(events, element, names["error"], "errorRef"),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") == "true",
        default=element.get("default"),
        called=element.get("calledElement"),
        script=(script.text or "") if script is not None else None,
        operation=operator.get("id") if operator is not None else None,
        parameters={
            p.get("id", ""): p.get("value", "")
            for p in (operator.iter(f"{{{SPIFF}}}parameter") if operator is not None else ())
        },
        triggered=element.get("triggeredByEvent") == "true",
        decision=called_decision(element),
        repeats=any(_local(c).endswith("LoopCharacteristics") for c in element),
    )


def _read_flow(element: etree._Element, scope: str) -> Flow:
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        scope=scope,
        name=element.get("name", ""),
        condition=_text(element, "conditionExpression"),
    )


def properties(element: etree._Element, model: str = MODEL) -> dict[str, str]:
    """The extension properties of an element; ``model`` is the namespace of its file."""
    inside = f"{{{model}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {p.get("name", ""): p.get("value", "") for p in element.iterfind(inside)}


def called_decision(element: etree._Element) -> str | None:
    """The decision table a business rule task asks."""
    found = _first(element, f"{_tag('extensionElements')}/{{{SPIFF}}}calledDecisionId")
    return None if found is None else (found.text or "").strip()


def _named(
    events: list[etree._Element], element: etree._Element, names: Mapping[str, str], attribute: str
) -> str | None:
    for source in (*events, element):
        if (reference := source.get(attribute)) is not None:
            return names.get(reference, reference)
    return None


def _index(root: etree._Element, kind: str, attribute: str) -> dict[str, str]:
    return {e.get("id", ""): e.get(attribute, "") for e in root.iterfind(_tag(kind))}


def _text(element: etree._Element, tag: str) -> str | None:
    found = _first(element, _tag(tag))
    return None if found is None else (found.text or "").strip()


def _first(element: etree._Element, path: str) -> etree._Element | None:
    return element.find(path)


def _tag(name: str) -> str:
    return f"{{{MODEL}}}{name}"


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
