"""How the elements hang together: sequence flows, gateways, and whether everything is reached."""

from collections import Counter
from collections.abc import Iterator

from engine.packs.checks.draft import Draft
from engine.packs.checks.graph import Scope, scopes
from engine.packs.diagram import Flow, Node
from engine.packs.problem import Problem

_CHOOSING = {"exclusiveGateway", "inclusiveGateway"}
_SPLITTING = {*_CHOOSING, "parallelGateway", "eventBasedGateway"}

_Found = Iterator[tuple[str, str, str]]  # element, code, message


def check_flows(draft: Draft) -> Iterator[Problem]:
    """Every mistake in sequence flows and gateways."""
    for process in draft.drawn:
        for scope in scopes(process):
            for rule in (_ends, _starts, _conditions, _gateways, _ways, _joins):
                for element, code, message in rule(scope):
                    yield Problem(process.file, element, code, message)


def _ends(scope: Scope) -> _Found:
    """Flows lead from an element to another of the same scope, one per pair."""
    for flow in scope.flows:
        for end in (flow.source, flow.target):
            if end not in scope.nodes:
                yield flow.id, "flow-end", f"连线的一端“{end}”不存在，或在另一个子流程里。"
    pairs = Counter((flow.source, flow.target) for flow in scope.flows)
    for flow in scope.flows:
        if pairs[flow.source, flow.target] > 1:
            message = "两个元素之间画了不止一条连线。请合并条件，或在中间加一个网关。"
            yield flow.id, "flow-duplicate", message


def _starts(scope: Scope) -> _Found:
    starts = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if len(starts) != 1:
        yield scope.id, "start-count", f"应恰好有一个开始事件，现有 {len(starts)} 个。"
    for node in scope.nodes.values():
        leaving, arriving = scope.outgoing.get(node.id, []), scope.incoming.get(node.id, [])
        if arriving and node.kind in {"startEvent", "boundaryEvent"}:
            yield node.id, "flow-in", "开始事件和边界事件不能有进入的连线。"
        if node.kind == "endEvent" and leaving:
            yield node.id, "flow-out", "结束事件不能有离开的连线。"
        if node.kind != "endEvent" and not leaving:
            yield node.id, "dead-end", "这里没有下一步。请连到下一个环节或结束事件。"
        if len(leaving) > 1 and node.kind not in _SPLITTING:
            message = "从这里离开的连线不止一条。请在后面加一个网关来分支。"
            yield node.id, "flows-out", message
        if node.attached_to is not None and node.attached_to not in scope.nodes:
            yield node.id, "boundary-host", "边界事件没有附着在环节上。"


def _conditions(scope: Scope) -> _Found:
    for flow in scope.flows:
        source = scope.nodes.get(flow.source)
        if source is None:
            continue
        choosing = source.kind in _CHOOSING and len(scope.outgoing[source.id]) > 1
        if flow.condition is not None and not choosing:
            message = "条件只能写在排他或包容网关的分支上，写在这里会被忽略。"
            yield flow.id, "flow-condition", message
        elif choosing and flow.id == source.default and flow.condition is not None:
            yield flow.id, "default-condition", "默认分支不能再写条件。"
        elif choosing and flow.id != source.default and not flow.condition:
            yield flow.id, "condition-missing", "这条分支没有条件。请写条件，或设为默认分支。"


def _gateways(scope: Scope) -> _Found:
    for node in scope.nodes.values():
        leaving = scope.outgoing.get(node.id, [])
        if node.kind in _CHOOSING and len(leaving) > 1:
            if node.default is None:
                message = "网关没有默认分支。请指定所有条件都不满足时走哪一条。"
                yield node.id, "gateway-default", message
            elif node.default not in {flow.id for flow in leaving}:
                yield node.id, "gateway-default", "默认分支不是从这个网关离开的连线。"
        if node.kind == "eventBasedGateway":
            yield from _event_gateway(scope, node, leaving)


def _event_gateway(scope: Scope, gateway: Node, leaving: list[Flow]) -> _Found:
    if len(leaving) < 2:
        yield gateway.id, "event-gateway", "事件网关至少要有两个分支。"
    targets = [scope.nodes[flow.target] for flow in leaving if flow.target in scope.nodes]
    for target in targets:
        if target.kind not in {"intermediateCatchEvent", "receiveTask"}:
            yield target.id, "event-gateway", "事件网关后面只能接定时或消息中间事件。"
        elif len(scope.incoming[target.id]) > 1:
            yield target.id, "event-gateway", "事件网关后面的事件不能再有别的进入连线。"
    if sum(target.event == "timer" for target in targets) > 1:
        message = "事件网关后面只能有一个定时事件。请改用一个取较早时间的定时。"
        yield gateway.id, "event-gateway-timers", message
    messages = Counter(target.message for target in targets if target.message)
    for message_name, count in messages.items():
        if count > 1:
            message = f"事件网关后面有两个事件等待同一消息“{message_name}”。"
            yield gateway.id, "event-gateway-messages", message


def _ways(scope: Scope) -> _Found:
    """Everything is reached from the start, and from everywhere the end is reached."""
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent"]
    reached = scope.reach(starts)
    for node in scope.nodes.values():
        if starts and node.id not in reached and node.kind != "startEvent":
            yield node.id, "unreachable", "从开始事件走不到这里。请连上，或删除。"
        elif scope.outgoing.get(node.id) and not any(
            scope.nodes[other].kind == "endEvent" for other in scope.reach([node.id])
        ):
            yield node.id, "no-way-out", "从这里走不到任何结束事件。"


def _joins(scope: Scope) -> _Found:
    """A parallel join must not wait for a flow that only comes after it."""
    starts = [node.id for node in scope.nodes.values() if node.kind == "startEvent"]
    for node in scope.nodes.values():
        arriving = scope.incoming.get(node.id, [])
        if node.kind == "parallelGateway" and len(arriving) > 1:
            before = scope.reach(starts, without=node.id)
            for flow in arriving:
                if flow.source in scope.nodes and flow.source not in before:
                    message = (
                        "并行汇合在等待自己之后才会到来的连线，会一直卡住。退回请接到排他网关。"
                    )
                    yield flow.id, "join-loop", message
