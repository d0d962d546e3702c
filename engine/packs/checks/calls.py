"""Called processes and errors: nothing calls itself, and every "no" has somewhere to go."""

from collections.abc import Iterator

from engine.packs.checks.draft import Draft
from engine.packs.diagram import Node, Process
from engine.packs.problem import Problem

UNAVAILABLE = "UNAVAILABLE"


def check_calls(draft: Draft) -> Iterator[Problem]:
    """Every mistake between processes and at error boundaries."""
    yield from _circles(draft)
    for process, node in draft.nodes():
        if node.kind == "boundaryEvent" and node.event == "error":
            yield from _boundary(draft, process, node)
        if node.kind == "serviceTask":
            yield from _patience(process, node)
        if node.kind == "endEvent" and node.event == "error" and node.error:
            yield from _thrown(draft, process, node)


def _circles(draft: Draft) -> Iterator[Problem]:
    for process, node in draft.nodes():
        if node.called in draft.processes and process.id in draft.reached_from(node.called or ""):
            message = f"流程互相调用成了环：{process.id} → {node.called} → … → {process.id}。"
            yield Problem(process.file, node.id, "call-circle", message)


def _boundary(draft: Draft, process: Process, node: Node) -> Iterator[Problem]:
    host = process.nodes.get(node.attached_to or "")
    if host is None:
        return
    if host.kind not in {"serviceTask", "callActivity", "subProcess"}:
        message = "错误边界事件只能附着在服务任务、调用活动或子流程上。"
        yield Problem(process.file, node.id, "boundary-host", message)
        return
    possible = _errors_of(draft, process, host)
    if node.error and possible is not None and node.error not in possible:
        known = "、".join(sorted(possible)) or "无"
        message = f"这里不会出现错误代码“{node.error}”。可能的代码：{known}。"
        yield Problem(process.file, node.id, "error-unknown", message)
    twins = [
        other
        for other in process.nodes.values()
        if other.attached_to == host.id and other.event == "error" and other.error == node.error
    ]
    if len(twins) > 1:
        message = "同一个环节上有两个边界事件捕捉同一错误。"
        yield Problem(process.file, node.id, "boundary-twin", message)


def _patience(process: Process, node: Node) -> Iterator[Problem]:
    """``patience`` and a boundary for UNAVAILABLE belong together."""
    caught = {
        other.error
        for other in process.nodes.values()
        if other.attached_to == node.id and other.event == "error"
    }
    patient = "patience" in node.properties
    if UNAVAILABLE in caught and not patient:
        message = "有“联系不上”边界事件，但没有写 patience（最多尝试几次），边界事件不会触发。"
        yield Problem(process.file, node.id, "patience", message)
    if patient and not caught & {UNAVAILABLE, None}:
        message = "写了 patience，但没有“联系不上”（UNAVAILABLE）边界事件。"
        yield Problem(process.file, node.id, "patience", message)


def _thrown(draft: Draft, process: Process, node: Node) -> Iterator[Problem]:
    if not _caught(draft, process, node.scope, node.error or "", {process.id}):
        message = f"错误“{node.error}”没有边界事件捕捉。请在外层活动上加错误边界事件。"
        yield Problem(process.file, node.id, "error-uncaught", message)


def _caught(draft: Draft, process: Process, scope: str, code: str, seen: set[str]) -> bool:
    """Whether an error leaving ``scope`` meets a boundary on every way outwards."""
    if scope != process.id:
        outer = process.nodes[scope]
        return _catches(process, outer.id, code) or _caught(draft, process, outer.scope, code, seen)
    callers = draft.callers.get(process.id, [])
    return bool(callers) and all(
        _catches(caller, call.id, code)
        or (caller.id not in seen and _caught(draft, caller, call.scope, code, seen | {caller.id}))
        for caller, call in callers
    )


def _catches(process: Process, host: str, code: str) -> bool:
    return any(
        node.attached_to == host and node.event == "error" and node.error in {code, None}
        for node in process.nodes.values()
    )


def _errors_of(draft: Draft, process: Process, host: Node) -> set[str] | None:
    """The error codes that can leave an activity; ``None`` if an operation in it is unknown."""
    if host.kind == "serviceTask":
        inside = [host]
    elif host.kind == "subProcess":
        inside = [node for node in process.nodes.values() if _within(process, node, host.id)]
    else:
        inside = []
    called = [node.called or "" for node in (*inside, host) if node.called]
    for name in called:
        for reached in draft.reached_from(name):
            inside += draft.processes[reached].nodes.values()
    codes: set[str] = set()
    for node in inside:
        if node.kind == "endEvent" and node.event == "error" and node.error:
            codes.add(node.error)
        if node.kind == "serviceTask":
            if not node.operation or node.operation not in draft.operations:
                return None
            codes |= {*draft.operations.get(node.operation).refusals, UNAVAILABLE}
    return codes


def _within(process: Process, node: Node, scope: str) -> bool:
    while node.scope in process.nodes:
        if node.scope == scope:
            return True
        node = process.nodes[node.scope]
    return False
