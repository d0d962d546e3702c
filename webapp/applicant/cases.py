"""办理进度: one case in plain words for those it is about, and taking it back."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.commands.withdraw_case import withdraw_case
from engine.queries.case_page import NoticeLine, case_page
from engine.queries.to_scan import to_scan
from engine.queries.withdrawal import may_withdraw
from handlers.qr import qr
from webapp.context import actor, runtime
from webapp.facts import fact_tables
from webapp.progress import progress
from webapp.stages import help_of, stages


def add_to(pages: Blueprint) -> None:
    """Add the pages of one case."""
    pages.add_url_rule("/cases/<no>", "case", show)
    pages.add_url_rule("/cases/<no>/withdraw", "withdraw", ask)
    pages.add_url_rule("/cases/<no>/withdraw", "withdraw_now", withdraw, methods=["POST"])


def show(no: str) -> ResponseReturnValue:
    """Show how a case stands."""
    page = case_page(runtime(), no, actor())
    return render_template(
        "applicant/case.html",
        page=page,
        progress=progress(page, actor()),
        stages=stages(page),
        help=help_of(page),
        tables=fact_tables(page.release.pack, runtime().operations, page.sections),
        notices=_once(n for n in reversed(page.notices) if n.audience == actor().kind),
        may_withdraw=may_withdraw(runtime(), no, actor()),
        scans=[one for one in to_scan(runtime(), actor()) if one.case_no == no],
        qr=qr,
    )


def _once(notices: Iterable[NoticeLine]) -> list[NoticeLine]:
    """What was said twice in the same words (in the system, by text message) is shown once."""
    return list({(one.title, one.body): one for one in notices}.values())


def ask(no: str) -> ResponseReturnValue:
    """Ask once more before taking a case back."""
    page = case_page(runtime(), no, actor())
    if not may_withdraw(runtime(), no, actor()):
        flash("该办件已审批或已办结，不能再撤回。", "warning")
        return redirect(url_for("applicant.case", no=no))
    return render_template("applicant/withdraw.html", page=page)


def withdraw(no: str) -> ResponseReturnValue:
    """Take a case back."""
    withdraw_case(runtime(), no, actor())
    flash("申请已撤回。需要时可以重新申请。", "success")
    return redirect(url_for("applicant.case", no=no))
