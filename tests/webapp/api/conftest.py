"""The API on a stage: programs that sign in as one of its cast."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.settings import Settings
from tests.conftest import Database
from tests.stage import Stage
from webapp import create_app
from webapp.api import basic

PASSWORD = "long enough a password"


class Program:
    """A client program of somebody: sends JSON with HTTP Basic, and nothing else."""

    def __init__(self, client: FlaskClient, login: str | None, password: str = PASSWORD) -> None:
        self.client = client
        self.auth = (login, password) if login else None

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(_full(path), query_string=query, auth=self.auth)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Send a body: an object as JSON, bytes as they are."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            options.setdefault("content_type", "application/json")
        return self.client.post(_full(path), data=body, auth=self.auth, **options)


def _full(path: str) -> str:
    return path if path.startswith("/") else f"/api/v1/{path}"


As = Callable[..., Program]


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with a cast, real commits."""
    return Stage(database.engine)


@pytest.fixture
def app(stage: Stage, settings: Settings) -> APIFlask:
    """The whole application on the stage."""
    basic.recent._entries.clear()
    app = create_app(settings, stage.runtime)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # an unexpected error is a 500, as in production
    return app


@pytest.fixture
def signed_in(app: APIFlask) -> As:
    """``signed_in("aming")`` is a program that works for 阿明; without a login, a stranger's."""

    def program(login: str | None = None, password: str = PASSWORD) -> Program:
        return Program(app.test_client(use_cookies=False), login, password)

    return program
