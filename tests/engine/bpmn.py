"""A tiny BPMN builder for tests: a process in a few lines, with lanes and a drawing."""

from itertools import pairwise
from xml.sax.saxutils import quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.org/test">\n'
)


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def timer(expression: str) -> str:
    return (
        '<bpmn:timerEventDefinition><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
        f"{escape(expression)}</bpmn:timeDate></bpmn:timerEventDefinition>"
    )


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def error(code: str | None) -> str:
    ref = f' errorRef="error_{code}"' if code else ""
    return f"<bpmn:errorEventDefinition{ref}/>"


TERMINATE = "<bpmn:terminateEventDefinition/>"


class Process:
    """Nodes and flows of one process (or embedded sub-process); every method returns itself."""

    def __init__(self, process_id: str, lane: str = "经办") -> None:
        self.id, self.lane = process_id, lane
        self.nodes: list[str] = []
        self.flows: list[str] = []
        self.ids: list[str] = []
        self.edges: list[str] = []
        self.lanes: dict[str, list[str]] = {}
        self.inner: list[Process] = []

    def node(
        self,
        kind: str,
        node_id: str,
        inner: str = "",
        *,
        lane: str | None = None,
        properties: dict[str, str] | None = None,
        extension: str = "",
        name: str | None = None,
        **attributes: str,
    ) -> "Process":
        if properties:
            listed = "".join(
                f'<spiffworkflow:property name="{k}" value={quoteattr(v)}/>'
                for k, v in properties.items()
            )
            extension += f"<spiffworkflow:properties>{listed}</spiffworkflow:properties>"
        if extension:
            inner = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>{inner}"
        extra = "".join(f" {k}={quoteattr(v)}" for k, v in attributes.items())
        title = quoteattr(node_id if name is None else name)
        self.nodes.append(f'<bpmn:{kind} id="{node_id}" name={title}{extra}>{inner}</bpmn:{kind}>')
        self.ids.append(node_id)
        self.lanes.setdefault(lane or self.lane, []).append(node_id)
        return self

    def start(self, node_id: str = "begin") -> "Process":
        return self.node("startEvent", node_id)

    def end(self, node_id: str = "done", inner: str = "", **options: object) -> "Process":
        return self.node("endEvent", node_id, inner, **options)  # type: ignore[arg-type]

    def user(self, *node_ids: str, **options: object) -> "Process":
        for node_id in node_ids:
            self.node("userTask", node_id, **options)  # type: ignore[arg-type]
        return self

    def script(self, node_id: str, source: str) -> "Process":
        return self.node("scriptTask", node_id, f"<bpmn:script>{escape(source)}</bpmn:script>")

    def service(
        self,
        node_id: str,
        operation: str = "fund/seal",
        parameters: dict[str, str] | None = None,
        **options: object,
    ) -> "Process":
        listed = "".join(
            f'<spiffworkflow:parameter id="{k}" type="any" value={quoteattr(v)}/>'
            for k, v in (parameters or {}).items()
        )
        operator = (
            f'<spiffworkflow:serviceTaskOperator id="{operation}"><spiffworkflow:parameters>'
            f"{listed}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        )
        return self.node("serviceTask", node_id, extension=operator, **options)  # type: ignore[arg-type]

    def call(self, node_id: str, called: str, **options: object) -> "Process":
        return self.node("callActivity", node_id, calledElement=called, **options)  # type: ignore[arg-type]

    def gateway(self, kind: str, node_id: str, default: str | None = None) -> "Process":
        attributes = {"default": default} if default else {}
        return self.node(f"{kind}Gateway", node_id, **attributes)  # type: ignore[arg-type]

    def catch(self, node_id: str, inner: str) -> "Process":
        return self.node("intermediateCatchEvent", node_id, inner)

    def boundary(self, node_id: str, host: str, inner: str, **options: object) -> "Process":
        return self.node("boundaryEvent", node_id, inner, attachedToRef=host, **options)  # type: ignore[arg-type]

    def embedded(self, inner: "Process", **options: object) -> "Process":
        self.node("subProcess", inner.id, inner.body(), **options)  # type: ignore[arg-type]
        self.inner.append(inner)
        return self

    def flow(
        self, source: str, target: str, condition: str | None = None, flow_id: str | None = None
    ) -> "Process":
        flow_id = flow_id or f"{source}_to_{target}"
        inner = (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            f"{escape(condition)}</bpmn:conditionExpression>"
            if condition
            else ""
        )
        self.flows.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">'
            f"{inner}</bpmn:sequenceFlow>"
        )
        self.edges.append(flow_id)
        return self

    def path(self, *node_ids: str) -> "Process":
        for source, target in pairwise(node_ids):
            self.flow(source, target)
        return self

    def body(self) -> str:
        return "".join(self.nodes) + "".join(self.flows)

    def drawing(self) -> str:
        """Shapes in a row, edges below them: enough for a tool to open the file."""
        shapes = "".join(
            f'<bpmndi:BPMNShape id="{n}_shape" bpmnElement="{n}">'
            f'<dc:Bounds x="{100 + 150 * i}" y="100" width="100" height="80"/></bpmndi:BPMNShape>'
            for i, n in enumerate(self.ids)
        )
        edges = "".join(
            f'<bpmndi:BPMNEdge id="{f}_edge" bpmnElement="{f}"><di:waypoint x="0" y="{200 + i}"/>'
            f'<di:waypoint x="9" y="{200 + i}"/></bpmndi:BPMNEdge>'
            for i, f in enumerate(self.edges)
        )
        return shapes + edges + "".join(inner.drawing() for inner in self.inner)

    def xml(self) -> str:
        lanes = "".join(
            f'<bpmn:lane id="{self.id}_lane_{i}" name={quoteattr(lane)}>'
            + "".join(f"<bpmn:flowNodeRef>{n}</bpmn:flowNodeRef>" for n in ids)
            + "</bpmn:lane>"
            for i, (lane, ids) in enumerate(self.lanes.items())
        )
        return (
            f'<bpmn:process id="{self.id}" name="{self.id}" isExecutable="true">'
            f'<bpmn:laneSet id="{self.id}_lanes">{lanes}</bpmn:laneSet>{self.body()}</bpmn:process>'
        )


def document(
    *processes: Process, messages: str = "", errors: str = "", drawn: bool = False
) -> bytes:
    """A BPMN file: its processes, then the messages and error codes they name.

    With ``drawn`` every process stands in a pool and everything has a shape, as ``check`` demands.
    """
    named = "".join(f'<bpmn:message id="message_{m}" name="{m}"/>' for m in messages.split())
    named += "".join(
        f'<bpmn:error id="error_{e}" name="{e}" errorCode="{e}"/>' for e in errors.split()
    )
    pools = drawing = ""
    if drawn:
        pools = "".join(
            f'<bpmn:participant id="{p.id}_pool" name="{p.id}" processRef="{p.id}"/>'
            for p in processes
        )
        pools = f'<bpmn:collaboration id="pools">{pools}</bpmn:collaboration>'
        drawing = "".join(p.drawing() for p in processes)
        drawing = (
            '<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="pools">'
            f"{drawing}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
        )
    body = pools + named + "".join(p.xml() for p in processes) + drawing
    return (HEAD + body.replace("><", ">\n<") + "\n</bpmn:definitions>\n").encode()
