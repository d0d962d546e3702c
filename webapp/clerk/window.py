"""窗口办理: going on at the window with a case begun online, its application on paper, and back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.access import WINDOW, Actor, may_serve
from engine.commands.change_channel import bring_to_window, return_online
from engine.commands.print_application import print_application
from engine.errors import Conflict
from engine.queries.case_page import CasePage
from webapp.context import actor, runtime
from webapp.forms import form_page


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/cases/<no>/window", "to_window", to_window, methods=["POST"])
    pages.add_url_rule("/cases/<no>/online", "to_online", to_online, methods=["POST"])
    pages.add_url_rule("/cases/<no>/application", "application", application)


def to_window(no: str) -> ResponseReturnValue:
    """Enter the applicant's part for them from now on."""
    try:
        bring_to_window(runtime(), no, actor())
        flash("已转到窗口办理，请领取并代录；申请人已暂存的内容会自动带出。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.case", no=no))


def to_online(no: str) -> ResponseReturnValue:
    """Let the applicant go on online."""
    try:
        return_online(runtime(), no, actor())
        flash("已改由申请人在网上继续办理，已暂存的内容会自动带出。", "success")
    except Conflict as error:
        flash(error.message, "warning")
    return redirect(url_for("clerk.case", no=no))


def application(no: str) -> ResponseReturnValue:
    """All the applicant said so far, in full, to be printed and signed."""
    paper = print_application(runtime(), no, actor())
    forms = [form_page(form, answers) for form, answers in paper.forms]
    return render_template("clerk/application.html", paper=paper, case=paper.case, forms=forms)


def at_window(page: CasePage, who: Actor) -> str:
    """Where the clerk may send the case: ``to_window``, ``to_online``, or nowhere."""
    lanes, pack = page.release.config.lanes, page.release.pack
    windows = {
        lane.window
        for task in page.tasks
        if task.state == "open" and task.kind == "user"
        for node in [pack.processes[task.process].nodes.get(task.element)]
        for lane in [lanes.get((node.lane if node else None) or "")]
        if lane and lane.window
    }
    if not may_serve(who, page.case, {str(role) for role in windows}):
        return ""
    return "to_online" if page.case.channel == WINDOW else "to_window"
