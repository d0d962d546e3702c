"""The pages on a stage: the whole application, and visitors who sign in as one of its cast."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask

from engine.settings import Settings
from tests.conftest import Database
from tests.stage import Stage
from tests.webapp.pages.visitor import Visitor
from webapp import create_app

As = Callable[..., Visitor]


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with a cast, real commits."""
    return Stage(database.engine)


@pytest.fixture
def app(stage: Stage, settings: Settings) -> APIFlask:
    """The whole application on the stage; a defect is a 500, as in production."""
    app = create_app(settings, stage.runtime)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def visit(app: APIFlask) -> As:
    """``visit("aming")`` is 阿明 in front of a browser; without a login, a stranger."""
    return lambda login=None: Visitor(app, login)
