"""What a view needs of the running application: its runtime, its settings, and who is acting."""

from typing import cast

from flask import current_app, g
from flask_login import current_user

from engine.access import Actor
from engine.queries.worklist import Counts, counts
from engine.runtime import Runtime
from engine.settings import Settings


def runtime() -> Runtime:
    """The runtime of this process."""
    return cast(Runtime, current_app.extensions["runtime"])


def settings() -> Settings:
    """The settings of this process."""
    return cast(Settings, current_app.extensions["settings"])


def actor() -> Actor:
    """Who sent this request; views are only reached by somebody signed in."""
    return cast(Actor, current_user.actor)


def figures() -> Counts:
    """What waits for whoever sent this request; counted once, for menu and page alike."""
    if "figures" not in g:
        g.figures = counts(runtime(), actor())
    return cast(Counts, g.figures)
