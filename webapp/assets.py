"""The bundled styles and scripts, by entry name. ``webapp/web/build.mjs`` makes them.

A template says ``{{ asset_tags("app") }}`` in its head, and ``{{ asset_tags("diagram") }}`` besides
where it shows one. File names carry a hash of their content, so browsers may keep them for ever.
"""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

from flask import Flask, Response, request, url_for
from markupsafe import Markup

from engine.errors import CannotStart

DIST = Path(__file__).parent / "static" / "dist"


class Entry(TypedDict):
    """The files one entry needs, relative to ``DIST``."""

    script: str
    styles: list[str]
    preload: list[str]


def register_assets(app: Flask) -> None:
    """Give templates ``asset_tags`` and let browsers keep the bundled files.

    Raises:
        CannotStart: nothing was built yet (do not retry; ``make web`` builds it).
    """
    manifest()
    app.jinja_env.globals["asset_tags"] = asset_tags
    app.after_request(_keep_for_ever)


def asset_tags(name: str) -> Markup:
    """The ``<link>`` and ``<script>`` tags of an entry; call it inside a request."""
    entry = manifest()[name]
    tags = [Markup('<link rel="stylesheet" href="{}">').format(_url(s)) for s in entry["styles"]]
    tags += [
        Markup('<link rel="modulepreload" href="{}">').format(_url(p)) for p in entry["preload"]
    ]
    tags.append(Markup('<script type="module" src="{}"></script>').format(_url(entry["script"])))
    return Markup("\n").join(tags)


@cache
def manifest() -> dict[str, Entry]:
    """What was built: entry name → its files. Read once per process."""
    try:
        entries: dict[str, Entry] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        raise CannotStart(
            "前端资源尚未生成，请运行 make web。（the front end is not built: run make web）"
        ) from None
    return entries


def _url(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


def _keep_for_ever(response: Response) -> Response:
    if request.path.startswith("/static/dist/") and response.status_code == 200:
        response.cache_control.public = True
        response.cache_control.max_age = 31_536_000
        response.cache_control.immutable = True
        response.cache_control.no_cache = None
    return response
