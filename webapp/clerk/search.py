"""办件查询: finding a case by number, name or identity number."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.find_cases import find_cases
from engine.queries.regions import active_releases
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the search page."""
    pages.add_url_rule("/cases", "search", show)


def show() -> ResponseReturnValue:
    """List the cases found; a single hit by its full number is opened at once."""
    text = request.args.get("q", "").strip()[:60]
    status = request.args.get("status", "")
    after = request.args.get("after", "")
    found = find_cases(runtime(), actor(), text, status=status, after=after)
    if len(found.rows) == 1 and found.rows[0].no == text.upper():
        return redirect(url_for("clerk.case", no=found.rows[0].no))
    titles = {r.config.code: r.config.short_title for r in active_releases(runtime())}
    here: dict[str, Any] = {"q": text, "status": status}
    return render_template(
        "clerk/search.html",
        text=text,
        status=status,
        found=found,
        titles=titles,
        next_url=url_for("clerk.search", **here, after=found.after) if found.after else "",
        first_url=url_for("clerk.search", **here) if after else "",
    )
