"""No page, list, download or address shows a number of a person in full, but where it is meant to.

Everything somebody may open is opened as them, with real objects (``tests.webapp.world``), and
looked through: pages, API, workbooks and documents part by part.
"""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from engine.leaks import find_leaks, texts
from tests.conftest import copy_of_template
from tests.stage import CARD, RETIREE
from tests.webapp.doors import knock, knocks
from tests.webapp.test_doors import QUERIES, serve
from tests.webapp.world import World, build

NUMBERS = (RETIREE["id_no"], RETIREE["mobile"], CARD["account_no"])
#: Where numbers are meant to be whole, and why.
IN_FULL = {
    "applicant.own_data": "a retiree's own data; every look is logged",
    "applicant.save_own_data": "the same to take along",
    "clerk.application": "the application on paper, to be signed; printing is logged",
    "clerk.paper_list": "the list on paper that goes to an agency",
    "clerk.roster_file": "the workbook that goes to an agency",
    "upload.file": "the workbook as it came from an agency",
}


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with copy_of_template(request.getfixturevalue("postgres")) as database:
        yield build(database.engine)


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return serve(world, tmp_path_factory)


def shown(answer: TestResponse) -> Iterator[str]:
    """Numbers in full in an answer or in where it leads."""
    said = [*texts("answer", answer.get_data()), ("location", answer.location or "")]
    for place, text in said:
        yield from (f"{place} {number}" for number in NUMBERS if number in text)
        yield from map(str, find_leaks(place, text))


def opened(app: APIFlask, world: World) -> Iterator[tuple[str, str, str, list[str]]]:
    """Every answer to a GET of somebody who may: end point, who, path, numbers in full."""
    for one in knocks(app, world):
        if one.method != "GET" or one.endpoint == "static":
            continue
        for who, owner in world.owners.items():
            answer = knock(app, owner, one, QUERIES.get(one.endpoint, ""))
            yield one.endpoint, who, one.path, list(shown(answer))


def test_numbers_stand_in_full_only_where_they_are_meant_to(app: APIFlask, world: World) -> None:
    found = [one for one in opened(app, world) if one[3]]
    wrong = [f"{who}: {path} {seen}" for end, who, path, seen in found if end not in IN_FULL]
    assert not wrong, "\n".join(wrong)
    # what is read is read to the bottom, and no exception is left that none needs
    assert {end for end, *_ in found} == set(IN_FULL)
