"""Which elements may stand in a diagram, and what each of them must say.

What SpiffWorkflow 3.2.0 runs wrongly or silently ignores is refused here: event sub-processes,
link, signal, escalation, compensation and conditional events, multi-instance and loops, complex
gateways, durations and cycles, non-interrupting boundaries.
"""

from collections.abc import Iterator

from engine.item_states import STATES
from engine.packs.checks.draft import Draft
from engine.packs.diagram import Node, Process
from engine.packs.problem import Problem
from engine.packs.region import RegionConfig

_EVENTS = {
    "startEvent": {"", "message", "timer"},
    "endEvent": {"", "error", "terminate", "message"},
    "intermediateThrowEvent": {"message"},
    "intermediateCatchEvent": {"timer", "message"},
    "boundaryEvent": {"timer", "message", "error"},
}
_KINDS = {
    *("userTask", "serviceTask", "sendTask", "scriptTask", "receiveTask", "callActivity"),
    "businessRuleTask",
    *("subProcess", "exclusiveGateway", "inclusiveGateway", "parallelGateway"),
    *("eventBasedGateway", *_EVENTS),
}
_NAMED = {"userTask", "serviceTask", "sendTask", "callActivity", "subProcess"}
_AUDIENCES = {"applicant", "person", "unit", "custodian"}
_HINTS = {
    "task": "请改成用户任务、服务任务或脚本任务。",
    "manualTask": "请改成用户任务。",
    "complexGateway": "请改用包容网关。",
    "adHocSubProcess": "请改用普通子流程。",
    "transaction": "请改用普通子流程。",
}


def check_elements(draft: Draft) -> Iterator[Problem]:
    """Every element that is not supported or not complete."""
    for process, node in draft.nodes():
        for code, message in _element(draft, process, node):
            yield Problem(process.file, node.id, code, message)


def _element(draft: Draft, process: Process, node: Node) -> Iterator[tuple[str, str]]:
    if node.kind not in _KINDS:
        hint = _HINTS.get(node.kind, "请改用支持的元素。")
        yield "element-unsupported", f"不支持这种元素（{node.kind}）。{hint}"
        return
    if node.kind in _EVENTS:
        yield from _event(node)
    if node.repeats:
        yield (
            "repeat-unsupported",
            "不支持循环或多实例标记。请用网关画出循环，或用包容网关画出各分支。",
        )
    if node.triggered:
        yield "event-subprocess", "不支持事件子流程。请改用边界事件。"
    if node.kind in _NAMED and not node.name:
        yield "name-missing", "这个环节没有名称，请写明做什么。"
    rules = {
        "userTask": _user_task,
        "serviceTask": _service_task,
        "sendTask": _send_task,
        "callActivity": _call_activity,
        "businessRuleTask": _business_rule_task,
    }
    if node.kind in rules:
        yield from rules[node.kind](draft, node)
    if node.kind == "receiveTask" and not node.message:
        yield "message-missing", "接收任务没有指定消息，会直接跳过。"
    if node.kind == "scriptTask" and not node.script:
        yield "script-missing", "脚本任务没有脚本。"
    if draft.config is not None:
        yield from _settings(draft.config, node)


def _event(node: Node) -> Iterator[tuple[str, str]]:
    if node.event not in _EVENTS[node.kind]:
        kind = node.event or "空"
        yield "event-unsupported", f"这里不支持这种事件（{kind}）。中间和边界事件请用定时或消息。"
    elif node.event == "timer" and not node.expression:
        yield "timer-date", "定时事件请写明日期时间（timeDate），例如 at(retire.date, 9)。"
    elif node.event == "message" and not node.message:
        yield "message-missing", "消息事件没有指定消息。"
    elif node.event == "error" and node.kind == "endEvent" and not node.error:
        yield "error-code-missing", "错误结束事件没有指定错误代码。"
    if node.kind == "boundaryEvent" and not node.interrupting:
        yield "non-interrupting", "不支持非中断边界事件。提醒和督办由时限自动完成，不必画出。"


def _user_task(draft: Draft, node: Node) -> Iterator[tuple[str, str]]:
    form = node.properties.get("formJsonSchemaFilename", "")
    if not form:
        yield "form-missing", "用户任务没有指定表单（formJsonSchemaFilename）。"
    elif draft.pack.find("forms", form) is None:
        yield "form-unknown", f"没有这个表单文件：{form}"
    if not node.properties.get("section"):
        yield "section-missing", "用户任务没有说明填写的内容存到哪个数据分区（section）。"
    tasks = {one.id for _, one in draft.nodes() if one.kind == "userTask"}
    for name in node.properties.get("other_than", "").split():
        if name not in tasks:
            yield "other-than-unknown", f"other_than 中没有这个用户任务：{name}"
    lane = draft.config.lanes.get(node.lane or "") if draft.config else None
    if lane is not None and lane.role == "system":
        yield "lane-system", f"泳道“{node.lane}”由系统办理，没有人能办理这个环节。"


def _service_task(draft: Draft, node: Node) -> Iterator[tuple[str, str]]:
    if not node.properties.get("section"):
        yield "section-missing", "服务任务没有说明答复存到哪个数据分区（section）。"
    if not node.operation:
        yield "operation-missing", "服务任务没有指定服务操作。"
    elif node.operation not in draft.operations:
        yield "operation-unknown", f"没有这个服务操作：{node.operation}"
    else:
        fields = draft.operations.get(node.operation).request.model_fields
        for name in node.parameters.keys() - fields.keys():
            yield "parameter-unknown", f"服务操作 {node.operation} 没有参数“{name}”。"
        for name, field in fields.items():
            written = {"text"} if "notice" in node.properties else set()
            if field.is_required() and name not in {*node.parameters, *written}:
                title = field.title or name
                yield "parameter-missing", f"缺少参数“{name}”（{title}）。"
    for one in node.properties.get("files", "").split():
        if "." not in one and draft.config and one not in draft.config.documents:
            yield "document-unknown", f"region.toml 的 [documents] 中没有这个文书：{one}"
    patience = node.properties.get("patience")
    if patience is not None and not (patience.isdigit() and int(patience) > 0):
        yield "patience", "patience 应为正整数，表示联系不上时最多尝试几次。"


def _send_task(draft: Draft, node: Node) -> Iterator[tuple[str, str]]:
    if node.message:
        yield "send-message", "发送任务只发送通知，不能指定消息（messageRef）。"
    documents = node.properties.get("document", "").split()
    for key in documents:
        if draft.config is not None and key not in draft.config.documents:
            yield "document-unknown", f"region.toml 的 [documents] 中没有这个文书：{key}"
    notice = node.properties.get("notice", "")
    if not notice and documents:
        return  # it only issues a paper
    if not notice:
        yield "notice-missing", "发送任务没有指定通知模板（notice）或文书（document）。"
    elif draft.pack.find("processes", f"notices/{notice}.txt") is None:
        yield "notice-unknown", f"没有这个通知模板：notices/{notice}.txt"
    audiences = node.properties.get("to", "").split()
    if not audiences or not set(audiences) <= _AUDIENCES:
        yield (
            "notice-to",
            "请在 to 中写明通知谁：applicant、person、unit、custodian，多个用空格分开。",
        )


def _call_activity(draft: Draft, node: Node) -> Iterator[tuple[str, str]]:
    if not node.called:
        yield "called-missing", "调用活动没有指定要调用的流程。"
    elif node.called not in draft.processes:
        yield "called-unknown", f"没有要调用的流程：{node.called}"


def _business_rule_task(draft: Draft, node: Node) -> Iterator[tuple[str, str]]:
    if not node.decision:
        yield "decision-missing", "业务规则任务没有指定决策表（calledDecisionId）。"
    elif node.decision not in draft.tables:
        yield "decision-unknown", f"没有这张决策表：{node.decision}"
    elif draft.tables[node.decision].policy == "COLLECT":
        message = "收集结果的决策表（COLLECT）请在条件中用 decide 查询，不能用于业务规则任务。"
        yield "decision-collects", message


def _settings(config: RegionConfig, node: Node) -> Iterator[tuple[str, str]]:
    lane = config.lanes.get(node.lane or "")
    told = lane is not None and (lane.agency or lane.office) and node.kind == "userTask"
    if "tells_liaison" in node.properties and not told:
        message = "tells_liaison 只能写在用户任务上，且泳道须写明 agency 或 office，才知道送谁。"
        yield "liaison-task", message
    deadline = node.properties.get("deadline")
    if deadline is not None and deadline not in config.deadlines:
        yield "deadline-unknown", f"region.toml 的 [deadlines] 中没有这个时限：{deadline}"
    item = node.properties.get("item")
    if item is not None and item not in config.items:
        yield "item-unknown", f"region.toml 的 [items] 中没有这个联办事项：{item}"
    state = node.properties.get("item_state")
    if state is not None and state not in STATES:
        yield "item-state", f"没有这个事项状态：{state}。可用：{'、'.join(STATES)}"
