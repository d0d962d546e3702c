"""A visitor for stories: opens pages of the real application, in this process, as somebody."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from urllib.parse import urlsplit

import httpx
from apiflask import APIFlask
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml import etree, html
from werkzeug.test import TestResponse

from engine.access import Actor
from engine.commands.begin_session import begin_session
from engine.runtime import Runtime
from engine.settings import Settings
from engine.sign_in_sessions import Browser
from handlers.sandbox.platform.views import PASSWORD
from handlers.scenario import Arrival, Seen
from handlers.scenario.theatre import PLATFORM, SECRET
from handlers.signature import sandbox_client_secret
from webapp import create_app

#: What a browser does not show.
_UNREAD_TAGS = ("script", "style", "template")
_MOST_REDIRECTS = 12
_UNREAD_INPUTS = ("hidden", "password", "checkbox", "radio")


class PageVisitor:
    """One application for all stories; each visit sees its story's data and nothing is kept.

    It is connected to the identity platform, as a live installation would be.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(
            settings,
            demo=False,
            identity_issuer=f"{PLATFORM}/identity",
            identity_secret=sandbox_client_secret(SECRET),
        )
        self._app: APIFlask | None = None

    def __call__(
        self,
        runtime: Runtime,
        actor: Actor | None,
        path: str,
        form: Mapping[str, str | list[str]] | None = None,
        came_to: str | None = None,
    ) -> Seen:
        """Fetch ``path``; a page's text is what can be read on it, anything else is as it is.

        With a ``form`` it is sent, as the button of a page would, and what follows is read.
        """
        app = self._serving(runtime)
        client = app.test_client()
        token = signed_in(runtime, actor)
        with client.session_transaction() as session:
            if token:
                session["_user_id"], session["_fresh"] = token, True
            if came_to is not None:
                session["portal"] = {"region": came_to, "channel": "", "at": int(time.time())}
        return _seen(client.get(path) if form is None else self._send(app, client, path, form))

    def arrive(self, runtime: Runtime, platform: Flask, arrival: Arrival) -> Seen:
        """Sign in through ``platform``, following every redirect between it and us."""
        app = self._serving(runtime)
        app.extensions["identity_providers"] = {}  # every story has a platform of its own
        app.extensions["identity_transport"] = httpx.WSGITransport(platform)
        web, phone = app.test_client(), platform.test_client()
        answer = web.get(f"/sign-in/identity/{arrival.region}")
        if arrival.channel:
            way = f"/portal/go/{arrival.channel}/{arrival.region}/{arrival.process}"
            answer = phone.get(way)
        for _ in range(_MOST_REDIRECTS):
            if answer.status_code not in (302, 303):
                break
            url = urlsplit(answer.location)
            path = f"{url.path}?{url.query}"
            if url.netloc != urlsplit(PLATFORM).netloc and not url.path.startswith("/identity/"):
                answer = web.get(path)
            elif not url.path.startswith("/identity/login/"):
                answer = phone.get(path)
            elif arrival.uscc:
                answer = phone.post(path, data={"uscc": arrival.uscc, "password": PASSWORD})
            else:
                path = url.path.replace("/login/", "/scan/")
                answer = phone.post(path, data={"who": arrival.who, "here": "1"})
        return _seen(answer)

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


def signed_in(runtime: Runtime, actor: Actor | None) -> str:
    """The token of a session as it is after everything that signing in asks for."""
    if actor is None or actor.account_id is None:
        return ""
    lasts = timedelta(hours=1)
    where = Browser("演练")
    return begin_session(runtime, actor.account_id, where, "password", lasts, second_factor=True)


def _seen(answer: TestResponse) -> Seen:
    content = answer.get_data()
    read = _readable if answer.mimetype == "text/html" else _plain
    return Seen(answer.status_code, read(content))


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
