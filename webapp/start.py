"""提出申请: reading the guide, filling in the first form, and getting a case number."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.applications import BY_THE_UNIT
from engine.clock import office_date
from engine.commands.start_case import start_case
from engine.commands.store_attachment import store_attachment
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.forms import Form, advice, file_ids, prefill
from engine.packs.region import ProcessRule
from engine.packs.release import LoadedRelease
from engine.queries.attachments import attachment_lines
from engine.queries.identity import own_identity
from engine.queries.next_task import next_task
from engine.queries.offered import offered
from engine.queries.regions import active_releases, left_to_unit, startable
from webapp import identity, portal
from webapp.context import actor, runtime
from webapp.forms import form_page, read_post
from webapp.security import takes_files
from webapp.tasks import claim

pages = Blueprint("start", __name__, url_prefix="/start/<region>/<process>")


@pages.get("/")
def guide(region: str, process: str) -> ResponseReturnValue:
    """Show the guide of a process (JLG-012); without one, its first form."""
    release, rule = _found(region, process)
    if elsewhere := _elsewhere(release, rule):
        return elsewhere
    if not rule.before_start:
        return redirect(url_for("start.form", region=region, process=process))
    shown = runtime().clock.now().isoformat()
    session["guides"] = {**session.get("guides", {}), f"{region}/{process}": shown}
    title, _, body = release.pack.notice(rule.before_start).partition("\n")
    return render_template(
        "start/guide.html", release=release, process=process, rule=rule, title=title, body=body
    )


@pages.get("/form")
def form(region: str, process: str) -> ResponseReturnValue:
    """Show the first form, after the guide was shown (JLG-012)."""
    release, rule = _found(region, process)
    if elsewhere := _elsewhere(release, rule):
        return elsewhere
    if rule.before_start and _guide_shown(region, process) is None:
        return redirect(url_for("start.guide", region=region, process=process))
    first, known = _first_form(release, rule)
    people = offered(runtime(), actor(), release, process)
    chosen = next((one for one in people if str(one.file_id) == request.args.get("for")), None)
    about = {"name": chosen.name, "id_no": chosen.id_no} if chosen else None
    return _page(release, process, first, prefill(first, known, about))


@pages.post("/form")
@takes_files
def begin(region: str, process: str) -> ResponseReturnValue:
    """Start the case, and go on with its first task."""
    release, rule = _found(region, process)
    if elsewhere := _elsewhere(release, rule):
        return elsewhere
    first, known = _first_form(release, rule)
    posted = read_post(first, request.form, known, request.files, _store)
    if posted.errors:
        return _page(release, process, first, posted.answers, posted.errors), 422
    if posted.action != "submit":
        return _page(release, process, first, posted.answers)
    try:
        started = start_case(
            *(runtime(), region, process, posted.answers, actor()),
            channel_code=portal.channel_of(region),
            guide_shown=_guide_shown(region, process),
        )
    except Invalid as error:
        errors = error.errors or {"": error.message}
        return _page(release, process, first, posted.answers, errors), 422
    except Conflict as error:
        return _page(release, process, first, posted.answers, {"": error.message}), 409
    portal.leave()
    flash(f"已收到，办件编号 {started.no}。", "success")
    return _onwards(started.no)


def _elsewhere(release: LoadedRelease, rule: ProcessRule) -> ResponseReturnValue | None:
    """Where to go first, if anywhere: to the portal, or to have one's identity verified."""
    config = release.config
    if portal.must_come_from_portal(config, rule):
        return render_template("start/portal.html", config=config, rule=rule), 403
    if config.identity and actor().kind == "person" and not actor().verified:
        connected = identity.client_of(config) is not None
        page = render_template("start/verify.html", config=config, rule=rule, connected=connected)
        return page, 403
    return None


def _guide_shown(region: str, process: str) -> datetime | None:
    """When this browser was last shown the guide of a process, since it signed in."""
    shown = session.get("guides", {}).get(f"{region}/{process}")
    return datetime.fromisoformat(shown) if shown else None


def _store(name: str, content: bytes) -> UUID:
    return store_attachment(runtime(), name, content, actor())


def _onwards(no: str) -> ResponseReturnValue:
    """Go on with the case's first task when it is the same person's, else show the case."""
    following = next_task(runtime(), no, actor())
    if actor().kind != "staff":
        if following:
            return redirect(url_for("task.show", task_id=following.id))
        return redirect(url_for("applicant.case", no=no))
    if following:
        return claim(following.id)
    return redirect(url_for("clerk.case", no=no))


def _found(region: str, process: str) -> tuple[LoadedRelease, ProcessRule]:
    for config, code, rule in startable(runtime(), actor()):
        if (config.code, code) == (region, process):
            releases = {release.config.code: release for release in active_releases(runtime())}
            return releases[region], rule
    if left_to_unit(runtime(), actor(), region, process):
        raise Forbidden(BY_THE_UNIT)
    raise NotFound


def _first_form(
    release: LoadedRelease, rule: ProcessRule
) -> tuple[Form, Mapping[str, Mapping[str, Any]]]:
    """The start form; a retiree's own name and number are known and cannot be changed."""
    form = release.pack.form(rule.start_form).on(office_date(runtime().clock.now()))
    if actor().kind != "person":
        return form, {}
    properties = {
        key: {**field, "readOnly": True, "x-prefill": f"person.{key}"}
        if key in ("name", "id_no")
        else field
        for key, field in form.schema["properties"].items()
    }
    locked = Form({**form.schema, "properties": properties}, form.ui)
    return locked, {"person": own_identity(runtime(), actor())}


def _page(
    release: LoadedRelease,
    process: str,
    first: Form,
    answers: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
) -> str:
    url = url_for("start.begin", region=release.config.code, process=process)
    return render_template(
        "start/form.html",
        release=release,
        rule=release.config.processes[process],
        process=process,
        people=offered(runtime(), actor(), release, process),
        form=form_page(
            first,
            answers,
            url=url,
            errors=errors,
            files=attachment_lines(runtime(), file_ids(first, answers), actor()),
            advice=advice(first, answers, {}, office_date(runtime().clock.now())),
        ),
    )
