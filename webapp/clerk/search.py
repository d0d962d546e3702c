"""办件查询: finding a case by number, name or identity number."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Invalid
from engine.identity import check_id_no, may_name_somebody
from engine.queries.find_cases import find_cases
from engine.queries.regions import active_releases
from webapp.context import actor, runtime


def add_to(pages: Blueprint) -> None:
    """Add the search page."""
    pages.add_url_rule("/cases", "search", show, methods=["GET", "POST"])


def _asked() -> ResponseReturnValue:
    """Search for what was typed. An identity number must not come to stand in an address."""
    text = request.form.get("q", "").strip()[:60]
    status = request.form.get("status", "")
    if may_name_somebody(text):
        return _found(text, status, "")
    return redirect(url_for("clerk.search", q=text, status=status), 303)


def show() -> ResponseReturnValue:
    """List the cases found; a single hit by its full number is opened at once."""
    if request.method == "POST":
        return _asked()
    text = request.args.get("q", "").strip()[:60]
    if may_name_somebody(text):
        flash("身份证号请在查询框中输入，不要写在网址里。", "warning")
        return redirect(url_for("clerk.search"))
    return _found(text, request.args.get("status", ""), request.args.get("after", ""))


def _found(text: str, status: str, after: str) -> ResponseReturnValue:
    found = find_cases(runtime(), actor(), text, status=status, after=after)
    if len(found.rows) == 1 and found.rows[0].no == text.upper():
        return redirect(url_for("clerk.case", no=found.rows[0].no))
    titles = {r.config.code: r.config.short_title for r in active_releases(runtime())}
    here: dict[str, Any] = {"q": text, "status": status}
    return render_template(
        "clerk/search.html",
        text=text,
        mistake=_mistake(text),
        status=status,
        found=found,
        titles=titles,
        next_url=_next(here, found.after),
        first_url=url_for("clerk.search", **here) if after else "",
    )


def _mistake(text: str) -> str:
    """What is wrong with a number that is none of a case; empty where nothing is."""
    if may_name_somebody(text):
        try:
            check_id_no(text)
        except Invalid as error:
            return f"您输入了 {len(text)} 位：{error.message}。"
    return ""


def _next(here: dict[str, Any], after: str) -> str:
    """Nobody has more cases than fill a page: a number needs no second one, and gets no address."""
    if not after or may_name_somebody(here["q"]):
        return ""
    return url_for("clerk.search", **here, after=after)
