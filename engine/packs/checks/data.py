"""Case data in diagrams: sections, locals, expressions, and who writes what at the same time."""

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast

from engine.expressions import Functions, assigned_names, calls, check_expression, check_script
from engine.forms import declared
from engine.functions import case_functions
from engine.packs.checks.draft import BUILT_IN, REPLY_FIELDS, REPLY_LOCALS, Draft
from engine.packs.checks.graph import Scope, scopes
from engine.packs.diagram import Node, Process
from engine.packs.problem import Problem

_SECTION = re.compile(r"(this\.)?[a-z][a-z0-9_]*")
#: Functions that give an instant, so that a timer can use them.
_INSTANTS = {"at", "deadline", "now"}


def check_data(draft: Draft) -> Iterator[Problem]:
    """Every mistake in sections and expressions."""
    data = Data(draft)
    for process in draft.drawn:
        yield from _sections(data, process)
        yield from _records(data, process)
        yield from _expressions(data, process)
        for scope in scopes(process):
            yield from _parallel(data, scope)


class Data:
    """The sections of a pack with their fields, and the locals of its processes."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    @cached_property
    def functions(self) -> Functions:
        """The registered functions, for their names and parameters only: none is called."""
        nothing = cast(Any, None)
        return case_functions(nothing, nothing, datetime.now(UTC), {})

    @cached_property
    def common(self) -> Mapping[str, set[str]]:
        """Sections every process may read."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, fields in BUILT_IN.items():
            found[name] |= fields
        if config := self.draft.config:
            for name, rule in config.sections.items():
                found[name] |= self._fields(rule.schema_file.removesuffix(".schema.json"))
            for start in (p for p in config.processes.values() if p.start_form):
                found[start.start_form] |= self._fields(start.start_form)
        for process in self.draft.drawn:
            for section, fields in self._written(process):
                if not section.startswith("this."):
                    found[section] |= fields
        return found

    @cached_property
    def of_items(self) -> Mapping[str, Mapping[str, set[str]]]:
        """Item → ``this.x`` sections its processes write."""
        found: dict[str, dict[str, set[str]]] = {}
        for item, names in self.draft.item_processes.items():
            sections = found.setdefault(item, defaultdict(set))
            for name in names:
                for section, fields in self._written(self.draft.processes[name]):
                    if section.startswith("this."):
                        sections[section] |= fields
        return found

    def sections(self, process: Process, node: Node) -> dict[str, set[str]]:
        """The sections an expression at this node may read."""
        host = process.nodes.get(node.attached_to or "")
        own = node.properties.get("item") or (host and host.properties.get("item"))
        items = [own] if own else self.items(process)
        known = dict(self.common)
        for item in items:
            for section, fields in self.of_items.get(item, {}).items():
                known[section] = known.get(section, set()) | fields
        return known

    def is_field(self, dotted: str) -> bool:
        """Whether ``section.field`` is declared, of the case or (``<item>.section``) of an item."""
        section, _, name = dotted.rpartition(".")
        if name in self.common.get(section, set()):
            return True
        item, _, own = section.partition(".")
        return name in self.of_items.get(item, {}).get(f"this.{own}", set())

    def items(self, process: Process) -> list[str]:
        """The items whose processes include this one."""
        found = self.draft.item_processes
        return [item for item, names in found.items() if process.id in names]

    def locals(self, process: Process) -> set[str]:
        """Variables a process may read: its own, and those its called processes give back."""
        found: set[str] = set()
        for name in [process.id, *self.draft.reached_from(process.id)]:
            for node in self.draft.processes[name].nodes.values():
                if node.script:
                    found |= assigned_names(node.script)
                if node.kind == "serviceTask":
                    found |= REPLY_LOCALS
                found |= self.draft.decided_by(node)
        return found

    def _written(self, process: Process) -> Iterator[tuple[str, set[str]]]:
        for node in process.nodes.values():
            section = node.properties.get("section")
            if not section:
                continue
            if node.kind == "userTask":
                form = node.properties.get("formJsonSchemaFilename", "")
                yield section, self._fields(form.removesuffix(".schema.json"))
            elif node.kind == "serviceTask":
                operation = node.operation or ""
                known = operation in self.draft.operations
                fields = self.draft.operations.get(operation).reply.model_fields if known else {}
                yield section, {*fields, *REPLY_FIELDS}

    def _fields(self, form: str) -> set[str]:
        schema = self.draft.schemas.get(form)
        try:
            return set(declared(schema)) if schema is not None else set()
        except (AttributeError, TypeError, ValueError, RecursionError):
            return set()  # a broken schema is reported as such


def _sections(data: Data, process: Process) -> Iterator[Problem]:
    functions, local_names = data.functions, data.locals(process)
    for node in process.nodes.values():
        section = node.properties.get("section")
        if section is None or node.kind not in {"userTask", "serviceTask"}:
            continue
        plain = section.removeprefix("this.")
        if not _SECTION.fullmatch(section):
            message = f"数据分区“{section}”应为小写英文、数字和下划线，事项内部加前缀 this.。"
            yield Problem(process.file, node.id, "section-form", message)
        elif section.startswith("this.") and not data.items(process):
            message = (
                f"“{section}”只能用在联办事项的流程里；这个流程没有被标明 item 的调用活动调用。"
            )
            yield Problem(process.file, node.id, "section-this", message)
        if plain in functions or section in local_names or plain in {"this", "case", "applicant"}:
            message = f"数据分区“{section}”与函数、变量或内置分区重名，请改名。"
            yield Problem(process.file, node.id, "name-clash", message)


def _records(data: Data, process: Process) -> Iterator[Problem]:
    """``records`` names a section of ``[sections]`` and sections that somebody writes."""
    declared_here = data.draft.config.sections if data.draft.config else {}
    for node in process.nodes.values():
        what = node.properties.get("records")
        if what is None:
            continue
        target, equals, sources = (part.strip() for part in what.partition("="))
        known = data.sections(process, node)
        unknown = [name for name in sources.split() if name not in known]
        if not equals or not sources or target not in declared_here:
            message = f"records 应写成“分区 = 来源”，分区须在 [sections] 中：{what}"
            yield Problem(process.file, node.id, "records-form", message)
        elif unknown:
            message = f"records 的来源没有声明：{'、'.join(unknown)}"
            yield Problem(process.file, node.id, "records-form", message)


def _expressions(data: Data, process: Process) -> Iterator[Problem]:
    local_names = data.locals(process)
    for element, node, code, source in sources(process):
        found = check_script if code == "script" else check_expression
        sections = data.sections(process, node)
        for message in dict.fromkeys(
            found(source, sections=sections, locals=local_names, functions=data.functions)
        ):
            yield Problem(process.file, element, code, f"{message}（{source.strip()}）")
        yield from _arguments(data.draft, process, element, source)
    for node in process.nodes.values():
        if node.event == "timer" and node.expression and not _gives_instant(node.expression):
            message = '定时时间请直接用 at(日期, 小时)、deadline("时限") 或 now() 写出。'
            yield Problem(process.file, node.id, "timer-date", message)


def sources(process: Process) -> Iterator[tuple[str, Node, str, str]]:
    """Every expression: element to blame, node it is worked out at, kind, source."""
    for flow in process.flows:
        if flow.condition is not None and flow.source in process.nodes:
            yield flow.id, process.nodes[flow.source], "expression", flow.condition
    for node in process.nodes.values():
        if node.expression:
            yield node.id, node, "expression", node.expression
        if node.script:
            yield node.id, node, "script", node.script
        for name, value in node.parameters.items():
            del name
            yield node.id, node, "expression", value


def _arguments(draft: Draft, process: Process, element: str, source: str) -> Iterator[Problem]:
    if draft.config is None:
        return
    known: dict[str, Collection[str]] = {
        "deadline": draft.config.deadlines.keys(),
        "parameter": draft.config.parameters.keys(),
    }
    for function, arguments in calls(source):
        if function in known and arguments:
            name = arguments[0]
            if name is ... or name not in known[function]:
                shown = "（不是文字）" if name is ... else name
                message = f"region.toml 的 [{function}s] 中没有：{shown}"
                yield Problem(process.file, element, f"{function}-unknown", message)


def _gives_instant(source: str) -> bool:
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return True  # reported as an expression already
    return (
        isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in _INSTANTS
    )


# ---------------------------------------------------------------- at the same time


def _parallel(data: Data, scope: Scope) -> Iterator[Problem]:
    """Branches of one fork that run at the same time must not write the same thing."""
    for fork in scope.nodes.values():
        if fork.kind not in {"parallelGateway", "inclusiveGateway"}:
            continue
        branches = [
            scope.reach([flow.target], without=fork.id) for flow in scope.outgoing.get(fork.id, [])
        ]
        written: dict[str, str] = {}
        for number, branch in enumerate(branches):
            others = set().union(*(b for i, b in enumerate(branches) if i != number))
            for name, node in _writes(data, scope, branch - others):
                if name in written and written[name] not in branch:
                    message = (
                        f"同时进行的分支都写入“{name}”（另一处：{written[name]}），会互相覆盖。"
                    )
                    yield Problem(scope.process.file, node, "parallel-writes", message)
                written.setdefault(name, node)


def _writes(data: Data, scope: Scope, branch: set[str]) -> Iterator[tuple[str, str]]:
    for node_id in sorted(branch):
        node = scope.nodes[node_id]
        if node.script:
            yield from ((name, node_id) for name in assigned_names(node.script))
        yield from ((name, node_id) for name in sorted(data.draft.decided_by(node)))
        for section in _sections_of(data.draft, scope.process, node):
            item = node.properties.get("item")
            yield (f"{item}.{section[5:]}" if item and section[:5] == "this." else section), node_id


def _sections_of(draft: Draft, process: Process, node: Node) -> set[str]:
    """The sections written by a node and everything inside it."""
    inside = [node]
    if node.kind == "subProcess":
        inside += [n for n in process.nodes.values() if n.scope == node.id]
    for name in draft.reached_from(node.called) if node.called else []:
        inside += draft.processes[name].nodes.values()
    return {n.properties["section"] for n in inside if n.properties.get("section")}
