"""The REST API under ``/api/v1``, described by ``/api/openapi.json``, and ``/metrics``.

Programs sign in with HTTP Basic; pages of ours may use the session with an ``X-CSRFToken``.
Errors are ``{code, message, errors}``; ``errors`` maps dotted field paths to messages.
"""

from apiflask import APIFlask
from flask_login import LoginManager

from webapp.api.attachments import attachments
from webapp.api.basic import from_basic
from webapp.api.calendar import calendar
from webapp.api.cases import cases
from webapp.api.document import register_document
from webapp.api.figures import figures, metrics, pulse
from webapp.api.messages import messages
from webapp.api.regions import regions
from webapp.api.service_calls import service_calls
from webapp.api.strict_json import StrictJson
from webapp.api.tasks import tasks


def register_api(app: APIFlask) -> None:
    """Add the API; everything else is registered before it."""
    app.json = StrictJson(app)
    login: LoginManager = vars(app)["login_manager"]
    login.request_loader(from_basic)
    for one in (
        regions,
        cases,
        tasks,
        attachments,
        service_calls,
        messages,
        calendar,
        figures,
        pulse,
    ):
        app.register_blueprint(one)
    app.add_url_rule("/metrics", "metrics", metrics)
    register_document(app)
