"""Every page there is can be used by everybody, at a desk and on a telephone.

With ``GALLERY=1`` (``make gallery``) their pictures are taken on the way, for docs/pages.md.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from apiflask import APIFlask
from flask import Flask
from playwright.sync_api import Page

from tests.browser.gallery import photograph, write_page
from tests.browser.sights import SIZES, Sight, enliven, enter, sights
from tests.conftest import copy_of_template
from tests.webapp.test_doors import serve as make_app
from tests.webapp.world import World, build

GALLERY = os.environ.get("GALLERY") == "1"


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with copy_of_template(request.getfixturevalue("postgres")) as database:
        world = build(database.engine)
        enliven(world)
        yield world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return make_app(world, tmp_path_factory)


@pytest.mark.parametrize("size", SIZES, ids=["desk", "telephone"])
def test_every_page_is_accessible_and_fits(
    page: Page,
    app: APIFlask,
    world: World,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
    size: tuple[int, int],
    expected_errors: list[str],
) -> None:
    expected_errors += ["404 (NOT FOUND)", "403 (FORBIDDEN)"]  # two of the pages are about that
    base = serve(app)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wrong: list[str] = []
    inside: str | None = None
    seen: list[tuple[Sight, str]] = []
    for sight in sights(app, world):
        if sight.who != inside:
            enter(app, page, base, sight.actor)
            inside = sight.who
        page.goto(base + sight.path)
        wrong += _faults(page, sight, accessible)
        if GALLERY:
            photograph(page, sight.name)
        seen.append((sight, page.title().partition(" · ")[0]))
    if GALLERY:
        write_page(seen)
    assert not wrong, "\n".join(wrong)


def _faults(page: Page, sight: Sight, accessible: Callable[[Page], None]) -> Iterator[str]:
    wide, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > width:
        yield f"{sight.name} {sight.path}: {wide} px wide"
    try:
        accessible(page)
    except AssertionError as error:
        yield f"{sight.name} {sight.path}: {error}"
