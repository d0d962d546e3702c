"""A visitor for stories: opens pages of the real application, in this process, as somebody."""

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex

from apiflask import APIFlask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml import etree, html
from werkzeug.test import TestResponse

from engine.access import Actor
from engine.runtime import Runtime
from engine.settings import Settings
from handlers.scenario import Seen
from webapp import create_app

#: What a browser does not show.
_UNREAD_TAGS = ("script", "style", "template")
_UNREAD_INPUTS = ("hidden", "password", "checkbox", "radio")


class PageVisitor:
    """One application for all stories; each visit sees its story's data and nothing is kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, demo=False)
        self._app: APIFlask | None = None

    def __call__(
        self,
        runtime: Runtime,
        actor: Actor | None,
        path: str,
        form: Mapping[str, str | list[str]] | None = None,
    ) -> Seen:
        """Fetch ``path``; a page's text is what can be read on it, anything else is as it is.

        With a ``form`` it is sent, as the button of a page would, and what follows is read.
        """
        app = self._serving(runtime)
        client = app.test_client()
        if actor is not None:
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = str(actor.account_id), True
        answer = client.get(path) if form is None else self._send(app, client, path, form)
        content = answer.get_data()
        read = _readable if answer.mimetype == "text/html" else _plain
        return Seen(answer.status_code, read(content))

    def _send(
        self, app: APIFlask, client: FlaskClient, path: str, form: Mapping[str, str | list[str]]
    ) -> TestResponse:
        with client.session_transaction() as session:
            session["csrf_token"] = secret = token_hex()
        assert app.secret_key is not None
        signed = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(secret)
        return client.post(path, data={**form, "csrf_token": signed}, follow_redirects=True)

    def _serving(self, runtime: Runtime) -> APIFlask:
        if self._app is None:
            self._app = create_app(self._settings, runtime)
        self._app.extensions["runtime"] = runtime
        return self._app


def _readable(content: bytes) -> str:
    """Words and the values of fields, in the order in which they are shown."""
    words: list[str] = []
    page = html.fromstring(content or b"<p></p>")
    for moment, element in etree.iterwalk(page, events=("start", "end")):
        if moment == "end":
            words.append(element.tail or "")
        elif element.tag == "input" and element.get("type") not in _UNREAD_INPUTS:
            words.append(element.get("value", ""))
        elif element.tag not in _UNREAD_TAGS:
            words.append(element.text or "")
    return " ".join(" ".join(words).split())


def _plain(content: bytes) -> str:
    """JSON and the like; a file that is no text has no words."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""
