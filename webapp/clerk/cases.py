"""办件详情: everything about one case, on a page with tabs."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import may_work
from engine.packs.diagram import Node
from engine.queries.case_page import CasePage, Drawing, case_page
from webapp.clerk.window import at_window
from webapp.context import actor, runtime
from webapp.facts import fact_tables
from webapp.security import allow_inline_style
from webapp.stages import stages

TABS = {
    "overview": "概况",
    "facts": "申请与办理信息",
    "documents": "文书",
    "attachments": "附件",
    "history": "办理过程",
    "notes": "备注",
    "notices": "通知",
    "calls": "部门请求",
    "diagram": "流程图",
}


def add_to(pages: Blueprint) -> None:
    """Add the case page."""
    pages.add_url_rule("/cases/<no>", "case", show)


def show(no: str) -> ResponseReturnValue:
    """Show a case."""
    tab = request.args.get("tab", "")
    if tab == "notes":
        return redirect(url_for("clerk.notes", no=no))
    return case_page_with(no, tab if tab in TABS else "overview")


def case_page_with(no: str, tab: str, **more: Any) -> str:
    """The page of a case with one of its tabs open, and what only that tab shows."""
    page = case_page(runtime(), no, actor())
    drawings = {drawing.process: drawing for drawing in page.drawings}
    drawing = drawings.get(request.args.get("process", "")) or _busiest(page)
    if tab == "diagram":
        allow_inline_style()
    return render_template(
        "clerk/case.html",
        page=page,
        tabs=TABS,
        tab=tab,
        tables=fact_tables(page.release.pack, runtime().operations, page.sections),
        drawing=drawing,
        stages=stages(page),
        channel=at_window(page, actor()),
        steps=_steps(page, drawing),
        now=_current(page, drawing),
        open_tasks=[task for task in page.tasks if task.state == "open"],
        may_work=may_work,
        open_incidents=[incident for incident in page.incidents if incident.closed_at is None],
        **more,
    )


def _busiest(page: CasePage) -> Drawing:
    """The innermost drawing in which something is going on."""
    return next((one for one in reversed(page.drawings) if one.current), page.drawings[0])


def _steps(page: CasePage, drawing: Drawing) -> list[Node]:
    """What has a name and was passed or is going on, in the order in which it was."""
    nodes = page.release.pack.processes[drawing.process].nodes
    passed = [element for process, element in page.trail if process == drawing.process]
    here = [one for one in (*passed, *_current(page, drawing)) if one in nodes]
    return [nodes[one] for one in dict.fromkeys(here) if nodes[one].name]


def _current(page: CasePage, drawing: Drawing) -> list[str]:
    """Where the case stands in a drawing; a call activity too when it stands inside."""
    pack = page.release.pack
    busy = {one.process for one in page.drawings if one.current}
    calls = [
        node.id
        for node in pack.processes[drawing.process].nodes.values()
        if node.called and busy.intersection(pack.called_from(node.called))
    ]
    return [*drawing.current, *calls]
