"""待办: what is to be done, earliest due first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.claim_task import claim_task
from engine.commands.keep_view import KEPT
from engine.errors import Conflict, Invalid
from engine.identity import is_id_no, may_name_somebody
from engine.models import SavedView, WorkItem
from engine.packs.region import RegionConfig
from engine.packs.stages import in_order
from engine.queries.covers import covering
from engine.queries.find_person import find_person, name_of_person
from engine.queries.reassignable import reasons
from engine.queries.regions import active_releases, steps
from engine.queries.saved_views import saved_views
from engine.queries.worklist import Filters, Page, View, worklist
from webapp.context import actor, figures, runtime

TITLES: dict[View, str] = {
    "mine": "我的待办",
    "pool": "待领取",
    "due_soon": "一日内到期",
    "overdue": "已超期",
    "done": "我已办理",
    "cover": "代办",
}
_NOTHING: dict[View, tuple[str, str]] = {
    "mine": ("您名下没有待办", "可以到“待领取”领取，或点“领取下一件”。"),
    "pool": ("没有待领取的办件", "新的办件到达后会出现在这里。"),
    "due_soon": ("一日内没有到期的办件", ""),
    "overdue": ("没有超期的办件", ""),
    "done": ("还没有办理过", "您办完的环节会出现在这里，方便回看。"),
    "cover": ("没有代办的环节", "同事请假并由您代办时，其名下的环节会出现在这里。"),
}

#: Filters that are typed, not chosen.
_TYPED = ("subject", "case_no", "unit")


@dataclass(frozen=True)
class Figure:
    """A number above the list, and the list it counts."""

    view: View
    title: str
    count: int
    tone: str = ""


def add_to(pages: Blueprint) -> None:
    """Add the worklist's pages."""
    pages.add_url_rule("/tasks", "worklist", show)
    pages.add_url_rule("/tasks", "narrow", narrow, methods=["POST"])
    pages.add_url_rule("/tasks/next", "claim_next", claim_next, methods=["POST"])


def show() -> ResponseReturnValue:
    """Show one of the lists; asked for none, the one the clerk put first."""
    kept = saved_views(runtime(), actor())
    if not request.args and (first := next((one for one in kept if one.is_default), None)):
        asks: dict[str, Any] = first.asks
        return redirect(url_for("clerk.worklist", **asks))
    view = _view(request.args)
    wanted = _wanted(request.args)
    if any(may_name_somebody(wanted[name]) for name in _TYPED):
        flash("身份证号请在查询框中输入，不要写在网址里。", "warning")
        return redirect(url_for("clerk.worklist", view=view))
    after = request.args.get("after", "")
    try:
        page, errors = worklist(runtime(), actor(), view, Filters(**wanted), after), {}
    except Invalid as error:
        page, errors = Page([], ""), error.errors
    return _page(view, wanted, page, errors, kept), 422 if errors else 200


def narrow() -> ResponseReturnValue:
    """Narrow a list. An identity number is looked up here: it must not stand in an address."""
    view = _view(request.form)
    wanted = _wanted(request.form)
    numbers = [name for name in _TYPED if may_name_somebody(wanted[name])]
    for name in numbers:  # also where it was typed into the wrong field
        valid = is_id_no(wanted[name])
        found = find_person(runtime(), actor(), wanted[name]) if valid else None
        if found is None:
            flash("没有找到该身份证号的当事人，请核对号码。", "warning")
        wanted |= {name: "", "person": str(found or "")}
    if wanted["subject"]:
        wanted["person"] = ""
    return redirect(url_for("clerk.worklist", view=view, **_given(wanted)), 303)


def _view(asked: Mapping[str, str]) -> View:
    return next((known for known in get_args(View) if known == asked.get("view")), "mine")


def _wanted(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked.get(name, "").strip()[:60] for name in Filters.__annotations__}


def _given(wanted: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value}


def _page(
    view: View,
    wanted: Mapping[str, str],
    page: Page,
    errors: Mapping[str, str],
    kept: Sequence[SavedView],
) -> str:
    regions = [release.config for release in active_releases(runtime())]
    here = {"view": view, **_given(wanted)}
    nothing, advice = _NOTHING[view]
    if errors:
        nothing, advice = "查询条件有误", "请按提示修改后再查询。"
    elif _given(wanted):
        nothing, advice = "没有符合条件的办件", "请放宽或重置查询条件。"
    return render_template(
        "clerk/worklist.html",
        view=view,
        title=_title(view),
        page=page,
        figures=_figures(),
        reasons=reasons(runtime(), page.rows) if view != "done" else {},
        filters=Filters(**wanted),
        errors=errors,
        person=name_of_person(runtime(), actor(), wanted["person"]) if wanted["person"] else "",
        kept=kept,
        current=next((one for one in kept if one.asks == here), None),
        asks=here,
        may_keep=set(here) <= set(KEPT),
        regions=regions,
        elements=steps(runtime(), actor()),
        stages=_stages(regions),
        mark=_mark(regions),
        marked=any(one.priority for one in regions if one.code in actor().regions),
        item_title=lambda region, item: _item_titles(regions).get((region, item)),
        first_url=url_for("clerk.worklist", **here) if request.args.get("after") else "",
        next_url=url_for("clerk.worklist", **here, after=page.after) if page.after else "",
        nothing=nothing,
        advice=advice,
    )


def _title(view: View) -> str:
    """The name of a list; that of what is done for others names them."""
    names = [one.name for one in covering(runtime(), actor())] if view == "cover" else []
    return f"代{'、'.join(names)}办理" if names else TITLES[view]


def claim_next() -> ResponseReturnValue:
    """Claim the task that is due first; when a colleague is faster, the one after it."""
    for row in worklist(runtime(), actor(), "pool", size=20).rows:
        try:
            claim_task(runtime(), row.id, actor())
        except Conflict:
            continue
        return redirect(url_for("task.show", task_id=row.id))
    flash("没有可以领取的办件。", "info")
    return redirect(url_for("clerk.worklist", view="pool"))


def _figures() -> list[Figure]:
    counted = figures()
    return [
        Figure("mine", TITLES["mine"], counted.mine),
        Figure("pool", TITLES["pool"], counted.pool),
        Figure("due_soon", TITLES["due_soon"], counted.due_soon, "due-soon"),
        Figure("overdue", TITLES["overdue"], counted.overdue, "due-over"),
    ]


def _stages(regions: Sequence[RegionConfig]) -> dict[str, str]:
    """The stages of the regions the actor works in: code → title."""
    own = [region for region in regions if region.code in actor().regions]
    return {code: stage.title for region in own for code, stage in in_order(region.stages)}


def _mark(regions: Sequence[RegionConfig]) -> Callable[[WorkItem], str]:
    """What a row wears that comes first, e.g. 特殊群体; nothing for all others."""
    marks = {region.code: region.priority.mark for region in regions if region.priority}
    return lambda row: marks.get(row.region, "优先") if row.priority else ""


def _item_titles(regions: Sequence[RegionConfig]) -> dict[tuple[str, str], str]:
    return {
        (region.code, code): item.title for region in regions for code, item in region.items.items()
    }
