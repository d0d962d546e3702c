"""Read a DMN 1.3 file into a table. Hardened as BPMN files are; every mistake is told at once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from lxml import etree

from engine.decisions import cells
from engine.decisions.table import Column, HitPolicy, Rule, Table
from engine.errors import DiagramFault, PackInvalid
from engine.packs.diagram import properties, read_xml
from engine.packs.problem import Problem

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_POLICIES: dict[str, HitPolicy] = {"UNIQUE": "UNIQUE", "FIRST": "FIRST", "COLLECT": "COLLECT"}


def read_table(file: str, content: bytes) -> Table:
    """Read the one decision of a file.

    Args:
        file: path inside the pack, for messages.
        content: what somebody else wrote.

    Raises:
        PackInvalid: it is no such file, or has mistakes; all of them are listed.
    """
    root = read_xml(file, content)
    decisions = root.findall(_tag("decision"))
    if root.tag != _tag("definitions"):
        raise _refused(file, "", "dmn-version", "不是 DMN 1.3 文件，请用决策表编辑器另存。")
    if len(decisions) != 1:
        message = f"一个文件应恰好有一张决策表，现有 {len(decisions)} 张。"
        raise _refused(file, "", "decision-count", message)
    return _Reading(file, decisions[0]).table()


class _Reading:
    """One decision being read; mistakes are gathered on the way."""

    def __init__(self, file: str, decision: etree._Element) -> None:
        self.file, self.decision = file, decision
        self.id = decision.get("id", "")
        self.problems: list[Problem] = []

    def table(self) -> Table:
        drawn = self.decision.find(_tag("decisionTable"))
        if drawn is None:
            message = "这里只能用决策表（decisionTable），不能用文字表达式。"
            raise _refused(self.file, self.id, "decision-kind", message)
        if not _NAME.fullmatch(self.id):
            message = f"决策标识“{self.id}”应为小写英文、数字和下划线，并以字母开头。"
            self.note(self.id, "decision-id", message)
        inputs = tuple(self.column(one) for one in drawn.iterfind(_tag("input")))
        outputs = tuple(self.outputs(drawn))
        rules = tuple(
            self.rule(number, row, len(inputs), len(outputs))
            for number, row in enumerate(drawn.iterfind(_tag("rule")), start=1)
        )
        if not rules or not outputs:
            self.note(self.id, "decision-empty", "决策表没有结果列或没有任何一行。")
        policy = self.policy(drawn)
        if self.problems:
            raise PackInvalid(self.problems)
        title = self.decision.get("name") or self.id
        clauses = tuple(properties(self.decision, DMN).get("clauses", "").split())
        return Table(self.id, title, self.file, policy, inputs, outputs, rules, clauses)

    def policy(self, drawn: etree._Element) -> HitPolicy:
        asked = drawn.get("hitPolicy", "UNIQUE")
        if asked not in _POLICIES or drawn.get("aggregation"):
            shown = f"{asked} {drawn.get('aggregation', '')}".strip()
            message = f"不支持命中策略“{shown}”，可用：UNIQUE、FIRST、COLLECT（不带汇总）。"
            self.note(self.id, "hit-policy", message)
        return _POLICIES.get(asked, "UNIQUE")

    def column(self, element: etree._Element) -> Column:
        expression = element.find(_tag("inputExpression"))
        source = _text(expression)
        if not source:
            self.note(element.get("id", ""), "decision-input", "输入列没有写要看哪个数据。")
        kind = expression.get("typeRef", "") if expression is not None else ""
        return Column(element.get("label") or source, source, kind)

    def outputs(self, drawn: etree._Element) -> Iterator[str]:
        names = [one.get("name", "") for one in drawn.iterfind(_tag("output"))]
        for element, name in zip(drawn.iterfind(_tag("output")), names, strict=True):
            if not _NAME.fullmatch(name):
                message = f"结果列的名称“{name}”应为小写英文、数字和下划线，并以字母开头。"
                self.note(element.get("id", ""), "decision-output", message)
            elif Counter(names)[name] > 1:
                message = f"有两个结果列都叫“{name}”。"
                self.note(element.get("id", ""), "decision-output", message)
        yield from names

    def rule(self, number: int, row: etree._Element, inputs: int, outputs: int) -> Rule:
        asked = [_text(cell) for cell in row.iterfind(_tag("inputEntry"))]
        given = [_text(cell) for cell in row.iterfind(_tag("outputEntry"))]
        place = row.get("id", "")
        if (len(asked), len(given)) != (inputs, outputs):
            message = f"第 {number} 行的单元格数与列数不一致。"
            self.note(place, "decision-row", message)
        tests = tuple(self.cell(cells.test, cell, place, number) for cell in asked)
        results = tuple(self.cell(cells.result, cell, place, number) or "" for cell in given)
        return Rule(tests, results, tuple(asked))

    def cell(
        self, read: Callable[[str], str | None], cell: str, place: str, number: int
    ) -> str | None:
        try:
            return read(cell)
        except DiagramFault as fault:
            message = f"第 {number} 行的单元格“{cell[:60]}”：{fault.message}"
            self.note(place, "decision-cell", message)
            return None

    def note(self, element: str, code: str, message: str) -> None:
        self.problems.append(Problem(self.file, element, code, message))


def _refused(file: str, element: str, code: str, message: str) -> PackInvalid:
    return PackInvalid([Problem(file, element, code, message)])


def _text(element: etree._Element | None) -> str:
    found = None if element is None else element.find(_tag("text"))
    return "" if found is None else (found.text or "").strip()


def _tag(name: str) -> str:
    return f"{{{DMN}}}{name}"
