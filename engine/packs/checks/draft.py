"""A pack under examination: everything that could be read of it, mistakes and all."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from engine.decisions.reading import read_table
from engine.decisions.table import Table
from engine.errors import PackInvalid
from engine.operations import OperationRegister
from engine.packs.diagram import Node, Process, read_processes, read_xml
from engine.packs.pack import Pack
from engine.packs.problem import Problem
from engine.packs.region import RegionConfig

#: Filled by the engine itself when a case begins.
BUILT_IN = {
    "person": {"name", "id_no", "sex", "birth", "mobile", "employment", "office"},
    "applicant": {"type", "name", "uscc", "operator"},
    "case": {"no", "started_at", "channel", "office", "trigger"},
    "batch": {"no", "started_at", "office"},  # in ``[selections]`` only
    "materials": {"rows"},
}
#: Written beside the business block of every reply.
REPLY_FIELDS = {"status", "reason_code", "reason", "handled_by", "handled_at"}
#: Locals every answered service task leaves behind.
REPLY_LOCALS = {"status", "code"}


@dataclass
class Draft:
    """What the rules look at. Reading never fails: what is unreadable is in ``unreadable``."""

    pack: Pack
    operations: OperationRegister
    unreadable: list[Problem] = field(default_factory=list)

    @cached_property
    def config(self) -> RegionConfig | None:
        """The region's settings, or ``None`` if they are wrong."""
        try:
            return self.pack.config
        except PackInvalid as error:
            self.unreadable += error.problems
            return None

    @cached_property
    def documents(self) -> Mapping[str, etree._Element]:
        """BPMN file → its root element."""
        return {
            path: root
            for path in sorted(self.pack.files)
            if path.endswith(".bpmn") and (root := self._document(path)) is not None
        }

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Decision id → table; of two with one id the first."""
        found: dict[str, Table] = {}
        for path in sorted(self.pack.files):
            if path.endswith(".dmn"):
                try:
                    table = read_table(path, self.pack.files[path])
                except PackInvalid as error:
                    self.unreadable += error.problems
                    continue
                if table.id in found:
                    message = f"决策标识“{table.id}”重复，另一处：{found[table.id].file}。"
                    self.unreadable.append(Problem(path, table.id, "decision-duplicate", message))
                found.setdefault(table.id, table)
        return found

    @cached_property
    def drawn(self) -> list[Process]:
        """Every process of every file, doubles included."""
        return [p for path, root in self.documents.items() for p in read_processes(path, root)]

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """Process id → process."""
        return {process.id: process for process in reversed(self.drawn)}

    @cached_property
    def schemas(self) -> Mapping[str, Any]:
        """Form key → its schema; only those that are JSON objects."""
        found = {}
        for path in self.pack.files:
            if path.startswith("forms/") and path.endswith(".schema.json"):
                content = self.json(path)
                if content is not None:
                    found[path.split("/", 2)[2].removesuffix(".schema.json")] = content
        return found

    def json(self, path: str) -> dict[str, Any] | None:
        """A JSON object, or ``None`` and a problem."""
        try:
            content = json.loads(self.pack.files[path])
        except (ValueError, RecursionError) as error:
            place = getattr(error, "lineno", 1)
            self._note(path, "json-malformed", f"不是有效的 JSON 文件，第 {place} 行附近有误。")
            return None
        if not isinstance(content, dict):
            self._note(path, "json-malformed", "文件内容应为一个 JSON 对象。")
            return None
        return content

    def _document(self, path: str) -> etree._Element | None:
        try:
            return read_xml(path, self.pack.files[path])
        except PackInvalid as error:
            self.unreadable += error.problems
            return None

    def _note(self, path: str, code: str, message: str) -> None:
        problem = Problem(path, "", code, message)
        if problem not in self.unreadable:
            self.unreadable.append(problem)

    def decided_by(self, node: Node) -> set[str]:
        """The locals a business rule task assigns: the outputs of its table."""
        table = self.tables.get(node.decision or "")
        return set(table.outputs) if table and node.kind == "businessRuleTask" else set()

    # ------------------------------------------------------------ who calls whom

    def nodes(self) -> Iterator[tuple[Process, Node]]:
        """Every node with its process."""
        for process in self.drawn:
            for node in process.nodes.values():
                yield process, node

    @cached_property
    def callers(self) -> Mapping[str, list[tuple[Process, Node]]]:
        """Process id → the call activities that call it."""
        found: dict[str, list[tuple[Process, Node]]] = defaultdict(list)
        for process, node in self.nodes():
            if node.called:
                found[node.called].append((process, node))
        return found

    def reached_from(self, process: str) -> list[str]:
        """The process and all it calls, directly or not."""
        found = [process] if process in self.processes else []
        for caller in found:  # grows while we read it
            for node in self.processes[caller].nodes.values():
                if node.called in self.processes and node.called not in found:
                    found.append(node.called or "")
        return found

    @cached_property
    def item_processes(self) -> Mapping[str, list[str]]:
        """Item code → the processes that run for it."""
        found: dict[str, list[str]] = defaultdict(list)
        for _, node in self.nodes():
            if (item := node.properties.get("item")) and node.called:
                found[item] += self.reached_from(node.called)
        return found
