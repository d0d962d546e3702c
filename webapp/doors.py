"""Doors: for every route, who may come in at all. What is not named here is closed.

A door only asks who somebody is (a kind of account, a role); which case, office or unit it is
about, the engine asks (``engine.access``). It is asked before every view, pages and API alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.access import Actor
from engine.queries.office_work import supervises
from engine.scope import NOTHING, begin, end, scope_of
from webapp.wanted import wanted_page


@dataclass(frozen=True)
class Door:
    """Who may come in: ``stranger``, somebody who has not signed in; else whom ``admits`` admits.

    ``name`` is what it is called in tests and documents.
    """

    name: str
    admits: Callable[[Actor], bool]
    stranger: bool = False


def _anybody(_actor: Actor) -> bool:
    return True


def kind(*kinds: str) -> Door:
    """A door for accounts of these kinds: staff, unit, person."""
    return Door(" or ".join(kinds), lambda actor: actor.kind in kinds)


PUBLIC = Door("public", _anybody, stranger=True)
#: Signed by an agency, not sent by an account: the view checks the signature first of all.
CALLBACK = Door("callback", _anybody, stranger=True)
SIGNED_IN = Door("signed in", _anybody)
STAFF = kind("staff")
APPLICANTS = kind("unit", "person")
#: What is kept about somebody is for nobody but themselves.
PERSON = kind("person")
#: Tables of people come from offices and from employers, never from a retiree.
STAFF_OR_UNIT = kind("staff", "unit")
UNIT_ADMIN = Door("unit admin", lambda actor: actor.kind == "unit" and actor.unit_admin)
#: Of a whole region: what is administered, a region has only one of.
ADMIN = Door("role admin", lambda actor: actor.kind == "staff" and actor.is_admin)
SUPERVISOR = Door("supervisor", supervises)

_ENDPOINTS: Mapping[Door, str] = {
    PUBLIC: """
        static openapi.spec api_health.check account.form account.enter
        factor.ask factor.answer
        language.choose
        guide.index guide.show calculator.show elder.switch
        identity.begin identity.back portal.enter
        public.form public.begin public.done public.ask public.answer
    """,
    CALLBACK: "api_service_calls.feedback api_service_calls.fetch_file",
    SIGNED_IN: """
        home account.leave account.password account.new_password
        devices.show devices.end devices.end_others devices.make_key devices.end_key
        attachment.show attachment.save document.show document.save document.filled
        document.blank document.paper diagram.xml step.show
        start.guide start.form start.begin
        task.show task.act task.draft task.claim task.unclaim task.reveal
        session.show
        api_attachments.hand_in api_calendar.show
        api_cases.list_cases api_cases.show api_cases.list_events api_cases.start
        api_cases.search_cases
        api_regions.list_regions api_regions.list_processes api_regions.show_form
        api_tasks.list_tasks api_tasks.show_task api_tasks.claim api_tasks.unclaim
        api_tasks.draft api_tasks.submit
    """,
    STAFF: """
        factor.show factor.confirm factor.new_codes factor.replace
        clerk.worklist clerk.claim_next clerk.search clerk.case clerk.application
        clerk.bulk clerk.bulk_step clerk.bulk_act
        clerk.to_window clerk.to_online clerk.letters clerk.close_letter
        clerk.notes clerk.write_note clerk.take_back clerk.open_mention
        clerk.mentions clerk.read_mentions
        clerk.narrow clerk.keep_view clerk.change_view
        clerk.reassign clerk.give clerk.cover clerk.set_cover clerk.cover_report clerk.end_cover
        clerk.exchange clerk.exchange_office clerk.export_roster clerk.list_on_paper
        clerk.paper_list clerk.roster_file clerk.receipt clerk.take_result
        content.index content.edit content.write
        export.index export.ask export.send export.decide
        statistics.show statistics.export statistics.listing statistics.export_list
        statistics.tracking api_statistics.count
    """,
    SUPERVISOR: "clerk.office",
    STAFF_OR_UNIT: """
        roster.index roster.show roster.take roster.template
        upload.show upload.confirm upload.discard upload.file
    """,
    APPLICANTS: "applicant.home applicant.case applicant.withdraw applicant.withdraw_now",
    PERSON: "applicant.own_data applicant.save_own_data",
    UNIT_ADMIN: """
        operators.show operators.add operators.one operators.scope operators.switch
        operators.password operators.add_unit
    """,
    ADMIN: """
        administrator.account administrator.unlock administrator.sign_out
        administrator.end_keys administrator.reset_factor
        administrator.agencies administrator.agency administrator.set_agency
        administrator.calendar administrator.preview_calendar administrator.publish_calendar
        administrator.calls administrator.all_clauses administrator.clauses
        administrator.clause_diagram administrator.clause_drawing
        administrator.clock administrator.advance_clock administrator.incidents
        administrator.retry administrator.liaisons administrator.liaison
        administrator.set_liaison administrator.people administrator.add_unit
        administrator.all_processing administrator.processing
        administrator.releases api_regions.list_releases api_messages.send metrics
    """,
}

#: Endpoint → its door.
DOORS: Mapping[str, Door] = {
    endpoint: door for door, endpoints in _ENDPOINTS.items() for endpoint in endpoints.split()
}


def register_scope(app: Flask) -> None:
    """Let a request see nothing until somebody has come in; first of all that happens to it."""
    app.before_request(_see_nothing)
    app.teardown_request(_forget)


def _see_nothing() -> None:
    g.scopes = [begin(NOTHING)]


def _forget(_error: BaseException | None) -> None:
    for token in reversed(g.pop("scopes", [])):
        end(token)


def register_doors(app: Flask) -> None:
    """Ask at the door before every view."""
    app.before_request(_ask)


def _ask() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    door = SIGNED_IN if endpoint is None else DOORS.get(endpoint)  # None: no such address
    if door is None:
        abort(404)
    if door is CALLBACK or endpoint == "static":  # it is all one who sends it
        return None
    if door.stranger and not current_user.is_authenticated:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if not door.admits(current_user.actor):
        abort(403)
    g.scopes.append(begin(scope_of(current_user.actor)))
    return None


def _to_sign_in() -> ResponseReturnValue:
    """Tell a stranger to sign in: a program by a status, a person by the page for it."""
    if request.path.startswith("/api/"):
        abort(401)
    if request.path == "/metrics":
        return "", 401, {"WWW-Authenticate": 'Basic realm="yijianshi"'}
    if request.method != "GET":
        flash("登录已失效，请重新登录后再操作。", "warning")
    wanted = wanted_page(request.path)
    return redirect(url_for("account.form", next=wanted if wanted != "/" else None))
