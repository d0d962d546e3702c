"""跟踪: the board of every person's items."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.statistics.scope import Filters
from engine.queries.statistics.tracking import STANDINGS, tracking
from webapp.context import actor, runtime
from webapp.statistics.page import choices


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/tracking", "tracking", show)


def show() -> ResponseReturnValue:
    """One page of the board."""
    names = ("region", "office", "process", "item", "near")
    given = {name: request.args.get(name, "").strip()[:60] for name in names}
    filters = Filters(**given)
    agency, standing = (request.args.get(name, "")[:40] for name in ("agency", "standing"))
    number = request.args.get("page", "1")[:6]
    board = tracking(
        runtime(),
        actor(),
        filters,
        agency=agency,
        standing=standing,
        page=int(number) if number.isdecimal() else 1,
    )
    here: dict[str, Any] = {
        name: value for name, value in {**given, "agency": agency}.items() if value
    }
    return render_template(
        "statistics/tracking.html",
        board=board,
        agency=agency,
        narrowed=bool(here.keys() - {"region"} or standing),
        standing=standing if standing in STANDINGS else "",
        standings=STANDINGS,
        figure_url=lambda name: url_for("statistics.tracking", **here, standing=name or None),
        page_url=lambda number: url_for(
            "statistics.tracking", **here, standing=standing or None, page=number
        ),
        columns=[
            (code, kind)
            for code, kind in board.scope.config.items.items()
            if not filters.item or code == filters.item
        ],
        **choices(board.scope, filters),
    )
