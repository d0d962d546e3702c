"""How a file is drawn: one pool, lanes, identifiers, and a shape for everything."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.packs.checks.draft import Draft
from engine.packs.diagram import DRAWING, MODEL, Process
from engine.packs.problem import Problem

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: Names the library gives to elements of its own.
_TAKEN = {"Start", "End", "Root"}


def check_drawing(draft: Draft) -> Iterator[Problem]:
    """Every mistake in how the files are drawn."""
    for file, root in draft.documents.items():
        processes = [process for process in draft.drawn if process.file == file]
        yield from _pool(file, root, processes)
        yield from _identifiers(file, root)
        for process in processes:
            yield from _lanes(draft, process)
            yield from _shapes(root, process)
    for process_id, count in Counter(process.id for process in draft.drawn).items():
        if count > 1:
            files = "、".join(sorted(p.file for p in draft.drawn if p.id == process_id))
            file = next(p.file for p in draft.drawn if p.id == process_id)
            message = f"流程标识“{process_id}”重复，出现在：{files}。"
            yield Problem(file, process_id, "process-duplicate", message)


def _pool(file: str, root: etree._Element, processes: list[Process]) -> Iterator[Problem]:
    if len(processes) != 1:
        message = f"一个文件应恰好画一个流程，现有 {len(processes)} 个。"
        yield Problem(file, "", "process-count", message)
    pools = [e.get("processRef") for e in root.iter(f"{{{MODEL}}}participant")]
    for process in processes:
        if pools.count(process.id) != 1:
            yield Problem(file, process.id, "pool", "请把流程画在一个泳池（pool）里。")
    for element in root.iter(f"{{{MODEL}}}process"):
        if element.get("isExecutable") != "true":
            message = "流程没有勾选“可执行”（isExecutable）。"
            yield Problem(file, element.get("id", ""), "not-executable", message)


def _identifiers(file: str, root: etree._Element) -> Iterator[Problem]:
    drawn = [e for e in root.iter() if etree.QName(e).namespace == MODEL and e.get("id")]
    for identifier, count in Counter(e.get("id", "") for e in drawn).items():
        if count > 1:
            message = f"标识“{identifier}”重复使用了 {count} 次，请改成各不相同的标识。"
            yield Problem(file, identifier, "id-duplicate", message)
        if identifier in _TAKEN:
            message = f"标识“{identifier}”是保留字，请改用别的标识。"
            yield Problem(file, identifier, "id-reserved", message)
        elif not _IDENTIFIER.fullmatch(identifier):
            message = f"标识“{identifier}”只能由英文字母、数字和下划线组成，并以字母开头。"
            yield Problem(file, identifier, "id-form", message)


def _lanes(draft: Draft, process: Process) -> Iterator[Problem]:
    known = draft.config.lanes if draft.config else None
    for lane in dict.fromkeys(process.lanes):
        if known is not None and lane not in known:
            message = f"泳道“{lane}”没有在 region.toml 的 [lanes] 中说明由谁办理。"
            yield Problem(process.file, process.id, "lane-unknown", message)
    for node in process.nodes.values():
        if not node.lane:
            yield Problem(
                process.file, node.id, "lane-missing", f"“{_called(node)}”不在任何泳道里。"
            )


def _shapes(root: etree._Element, process: Process) -> Iterator[Problem]:
    shapes = {e.get("bpmnElement") for e in root.iter(f"{{{DRAWING}}}BPMNShape")}
    edges = {
        e.get("bpmnElement")
        for e in root.iter(f"{{{DRAWING}}}BPMNEdge")
        if sum(1 for child in e if etree.QName(child).localname == "waypoint") > 1
    }
    for node in process.nodes.values():
        if node.id not in shapes:
            message = f"“{_called(node)}”没有图形，打开流程图时看不见，请重新绘制。"
            yield Problem(process.file, node.id, "shape-missing", message)
    for flow in process.flows:
        if flow.id not in edges:
            message = "这条连线没有图形，打开流程图时看不见，请重新绘制。"
            yield Problem(process.file, flow.id, "shape-missing", message)


def _called(node: object) -> str:
    return getattr(node, "name", "") or getattr(node, "id", "")
