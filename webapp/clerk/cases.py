"""办件详情: everything about one case, on a page with tabs."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries.case_page import case_page
from webapp.context import actor, runtime
from webapp.facts import fact_tables
from webapp.security import allow_inline_style

TABS = {
    "overview": "概况",
    "facts": "申请与办理信息",
    "history": "办理过程",
    "notices": "通知",
    "calls": "部门请求",
    "diagram": "流程图",
}


def add_to(pages: Blueprint) -> None:
    """Add the case page."""
    pages.add_url_rule("/cases/<no>", "case", show)


def show(no: str) -> ResponseReturnValue:
    """Show a case."""
    page = case_page(runtime(), no, actor())
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "overview"
    drawings = {drawing.process: drawing for drawing in page.drawings}
    if tab == "diagram":
        allow_inline_style()
    return render_template(
        "clerk/case.html",
        page=page,
        tabs=TABS,
        tab=tab,
        tables=fact_tables(page.release.pack, runtime().operations, page.sections),
        drawing=drawings.get(request.args.get("process", ""), page.drawings[0]),
        open_tasks=[task for task in page.tasks if task.state == "open"],
        open_incidents=[incident for incident in page.incidents if incident.closed_at is None],
    )
