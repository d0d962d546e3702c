"""首页: what an employer or a retiree has to do, and how their cases stand."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.identity import may_name_somebody
from engine.queries.case_page import case_page
from engine.queries.drafts import saved_drafts
from engine.queries.find_cases import find_cases
from engine.queries.regions import startable
from engine.queries.to_scan import to_scan
from engine.queries.worklist import worklist
from handlers.qr import qr
from webapp.context import actor, runtime
from webapp.progress import progress
from webapp.stages import help_of, stages

#: A retiree has one case or two; each is shown with all its items.
_SHOWN_IN_FULL = 3


def add_to(pages: Blueprint) -> None:
    """Add the home page."""
    pages.add_url_rule("/", "home", show, methods=["GET", "POST"])


def _asked() -> ResponseReturnValue:
    """Search for what was typed. An identity number must not come to stand in an address."""
    text = request.form.get("q", "").strip()[:60]
    if may_name_somebody(text):
        return _home(text)
    return redirect(url_for("applicant.home", q=text), 303)


def show() -> ResponseReturnValue:
    """Show the home page of the unit or person."""
    if request.method == "POST":
        return _asked()
    text = request.args.get("q", "").strip()[:60]
    if may_name_somebody(text):
        flash("身份证号请在查询框中输入，不要写在网址里。", "warning")
        return redirect(url_for("applicant.home"))
    return _home(text)


def _home(text: str) -> ResponseReturnValue:
    who = actor()
    todo = worklist(runtime(), who, "pool", size=100).rows
    mine = worklist(runtime(), who, "mine", size=100).rows
    after = request.args.get("after", "")
    found = find_cases(runtime(), who, text, after=after, size=30)
    starts = startable(runtime(), who, everywhere=False)
    common = {
        "todo": [*mine, *todo],
        "drafts": saved_drafts(runtime(), [task.id for task in (*mine, *todo)]),
        "found": found,
        "starts": starts,
        # nobody has more cases than fill a page: a number gets no address
        "next_url": url_for("applicant.home", q=text, after=found.after)
        if found.after and not may_name_somebody(text)
        else "",
        "first_url": url_for("applicant.home", q=text) if after else "",
    }
    if who.kind == "unit":
        others = [one for one in startable(runtime(), who) if one not in starts]
        return render_template("applicant/unit.html", text=text, others=others, **common)
    pages = [case_page(runtime(), case.no, who) for case in found.rows[:_SHOWN_IN_FULL]]
    return render_template(
        "applicant/person.html",
        pages=pages,
        lines=lambda page: progress(page, who),
        scans=to_scan(runtime(), who),
        qr=qr,
        stages=stages,
        help_of=help_of,
        **common,
    )
