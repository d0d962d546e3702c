"""Decision tables: what they look at, what they give, rows that overlap, and who asks them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from engine.decisions.cells import VALUE
from engine.decisions.overlap import overlapping
from engine.decisions.table import Table
from engine.expressions import calls, check_expression
from engine.packs.checks.data import Data, sources
from engine.packs.checks.draft import Draft
from engine.packs.diagram import Node, Process
from engine.packs.problem import Problem

_Names = tuple[Mapping[str, set[str]], set[str]]  # sections with their fields, locals


def check_decisions(draft: Draft) -> Iterator[Problem]:
    """Every mistake in decision tables, and in asking them."""
    data = Data(draft)
    anywhere = _anywhere(data)
    for table in draft.tables.values():
        yield from _outputs(data, table, anywhere)
        for message in _faults(data, table, anywhere):
            yield Problem(table.file, table.id, "decision-expression", message)
        for one, other in overlapping(table):
            message = f"第 {one} 行与第 {other} 行会同时满足。请改条件，或把命中策略改为 FIRST。"
            yield Problem(table.file, table.id, "decision-overlap", message)
    for process, node, element, source in _asking(draft):
        for code, message in _question(data, process, node, source, anywhere):
            yield Problem(process.file, element, code, message)


def _outputs(data: Data, table: Table, anywhere: _Names) -> Iterator[Problem]:
    sections, _ = anywhere
    taken = {name.split(".")[0] for name in sections} | {*data.functions, "this", VALUE}
    for output in table.outputs:
        if output in taken:
            message = f"结果列“{output}”与数据分区或函数重名，请改名。"
            yield Problem(table.file, table.id, "decision-clash", message)


def _anywhere(data: Data) -> _Names:
    """What can be read somewhere in the pack: a table is not tied to one place."""
    sections: dict[str, set[str]] = defaultdict(set)
    for owner in (data.common, *data.of_items.values()):
        for section, fields in owner.items():
            sections[section] |= fields
    local_names = {name for process in data.draft.drawn for name in data.locals(process)}
    return sections, local_names


def _faults(data: Data, table: Table, names: _Names) -> list[str]:
    """What is wrong with a table's expressions where these names are known."""
    sections, local_names = names
    functions = {name: data.functions[name] for name in data.functions if name != "decide"}
    found: dict[str, None] = {}
    for place, source, known in _expressions(table, local_names):
        for message in check_expression(
            source, sections=sections, locals=known, functions=functions
        ):
            found[f"{place}：{message}（{source.replace(VALUE, '本列')}）"] = None
    return list(found)


def _expressions(table: Table, local_names: set[str]) -> Iterator[tuple[str, str, set[str]]]:
    for column in table.inputs:
        yield f"输入列“{column.title}”", column.expression, local_names
    for number, rule in enumerate(table.rules, start=1):
        for test in rule.tests:
            if test is not None:
                yield f"第 {number} 行", test, {*local_names, VALUE}
        for result in rule.results:
            yield f"第 {number} 行", result, local_names


def _asking(draft: Draft) -> Iterator[tuple[Process, Node, str, str]]:
    """Where tables are asked: process, node, element to blame, expression or script."""
    for process in draft.drawn:
        for element, node, _, source in sources(process):
            yield process, node, element, source
        for node in process.nodes.values():
            table = draft.tables.get(node.decision or "")
            if table is not None and node.kind == "businessRuleTask":
                yield process, node, node.id, table.script


def _question(
    data: Data, process: Process, node: Node, source: str, anywhere: _Names
) -> Iterator[tuple[str, str]]:
    for function, arguments in calls(source):
        if function != "decide" or not arguments:
            continue
        table = data.draft.tables.get(str(arguments[0]))
        if table is None:
            shown = "（不是文字）" if arguments[0] is ... else arguments[0]
            yield "decision-unknown", f"没有这张决策表：{shown}"
            continue
        output = arguments[1] if len(arguments) > 1 else None
        if output not in table.outputs and not (output is None and len(table.outputs) == 1):
            known = "、".join(table.outputs)
            yield "decision-output", f"请写明决策表“{table.title}”的结果列，可用：{known}"
        here = (data.sections(process, node), data.locals(process))
        general = _faults(data, table, anywhere)
        for message in _faults(data, table, here):
            if message not in general:
                yield "decision-scope", f"决策表“{table.title}”在这里用不了，{message}"
