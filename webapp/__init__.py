"""The web application: pages for clerks, applicants and administrators, and the REST API.

Everything is wired here and nowhere else. A view parses, makes one call into the engine, and
renders.
"""

from apiflask import APIFlask
from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

import handlers  # noqa: F401 - registers the operations
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_runtime
from webapp import (
    attachments,
    calculator,
    contents,
    devices,
    diagram,
    documents,
    exports,
    guide,
    operators,
    portal,
    public,
    rosters,
    second_factor,
    session,
    start,
    step,
    tasks,
    uploads,
)
from webapp.administrator import register_administrator
from webapp.api import register_api
from webapp.applicant import register_applicant
from webapp.assets import register_assets
from webapp.clerk import register_clerk
from webapp.display import register_display
from webapp.doors import register_scope
from webapp.elder import register_elder
from webapp.errors import register_errors
from webapp.identity import register_identity
from webapp.log import set_up_logs
from webapp.navigation import register_navigation
from webapp.security import register_security
from webapp.sign_in import register_sign_in
from webapp.statistics import register_statistics
from webapp.translation.switch import register_english
from webapp.wanted import register_wanted


def create_app(settings: Settings, runtime: Runtime | None = None) -> APIFlask:
    """Make the application of one process.

    Args:
        settings: with the database address filled in (``prepare_database``).
        runtime: what commands need of the world; made from the settings when left out.

    Raises:
        CannotStart: no database address, or the front end was not built (do not retry).
    """
    set_up_logs()
    app = APIFlask(
        __name__,
        title="退休“一件事”联办接口",
        version="1.0",
        spec_path="/api/openapi.json",
        docs_path=None,  # the viewer would load scripts from elsewhere
        json_errors=False,  # webapp.errors answers all errors
    )
    app.extensions["settings"] = settings
    app.extensions["runtime"] = runtime or make_runtime(settings, "web")
    register_scope(app)  # first
    register_security(app, settings.session_secret, settings.proxies)
    register_assets(app)
    register_display(app)
    register_english(app)
    register_sign_in(app)
    register_identity(app)
    register_elder(app)
    register_wanted(app)
    register_navigation(app)
    register_errors(app)
    register_clerk(app)
    register_applicant(app)
    register_administrator(app)
    register_statistics(app)
    work = (tasks.pages, start.pages, step.pages, rosters.pages, uploads.pages, exports.pages)
    read = (diagram.pages, attachments.pages, documents.pages, contents.pages, guide.pages)
    outside = (portal.pages, public.pages, operators.pages, calculator.pages)
    own = (devices.pages, second_factor.pages, session.pages)
    for pages in (*work, *read, *outside, *own):
        app.register_blueprint(pages)
    app.add_url_rule("/", "home", home)
    register_api(app)  # last: its document must know which blueprints are pages
    return app


def home() -> ResponseReturnValue:
    """Send everybody to their own first page."""
    if current_user.actor.kind == "staff":
        return redirect(url_for("clerk.worklist"))
    return redirect(url_for("applicant.home"))
