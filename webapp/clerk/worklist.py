"""待办: what is to be done, earliest due first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.claim_task import claim_task
from engine.errors import Conflict
from engine.models import WorkItem
from engine.packs.region import RegionConfig
from engine.packs.stages import in_order
from engine.queries.covers import covering
from engine.queries.reassignable import reasons
from engine.queries.regions import active_releases, steps
from engine.queries.worklist import Filters, View, worklist
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
    pages.add_url_rule("/tasks/next", "claim_next", claim_next, methods=["POST"])


def show() -> ResponseReturnValue:
    """Show one of the lists."""
    view: View = "mine"
    asked = request.args.get("view", "")
    for known in get_args(View):
        if known == asked:
            view = known
    wanted = {name: request.args.get(name, "").strip()[:60] for name in Filters.__annotations__}
    filters = Filters(**wanted)
    after = request.args.get("after", "")
    page = worklist(runtime(), actor(), view, filters, after)
    regions = [release.config for release in active_releases(runtime())]
    here: dict[str, Any] = {
        "view": view,
        **{name: value for name, value in wanted.items() if value},
    }
    nothing, advice = _NOTHING[view]
    if any(wanted.values()):
        nothing, advice = "没有符合条件的办件", "请放宽或重置查询条件。"
    return render_template(
        "clerk/worklist.html",
        view=view,
        title=_title(view),
        page=page,
        figures=_figures(),
        reasons=reasons(runtime(), page.rows) if view != "done" else {},
        filters=filters,
        regions=regions,
        elements=steps(runtime(), actor()),
        stages=_stages(regions),
        mark=_mark(regions),
        marked=any(one.priority for one in regions if one.code in actor().regions),
        item_title=lambda region, item: _item_titles(regions).get((region, item)),
        first_url=url_for("clerk.worklist", **here) if after else "",
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
