"""Every route × every role × a foreign region, unit and person: nobody gets what is not theirs.

The world is real (``tests.webapp.world``) and so is the application; it runs on the restricted
database role, as in production. A route with a parameter nobody explained fails the test.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select, text

from engine.models import ApiKey, CaseEvent, SignInSession, UploadRow, WorkItem
from engine.scope import SYSTEM, within
from tests.conftest import copy_of_template, settings_in
from tests.webapp.doors import Knock, is_refused, knock, knocks, told, undeclared
from tests.webapp.world import BARRED, ELSEWHERE_IN_REGION, World, build
from webapp import create_app
from webapp.context import actor
from webapp.doors import DOORS, SIGNED_IN

#: Routes whose objects are everybody's: a region's forms, papers, guides and offers say nothing
#: about a person. The callbacks ask for an agency's signature instead of an account.
EVERYBODYS = {
    *("static", "document.blank", "document.paper", "guide.show", "api_regions.show_form"),
    "language.choose",
    *("identity.begin", "identity.back", "public.form", "public.begin"),
}
#: Whose device or key it is, nobody is told: one's own list is shown, and nothing has changed.
TOLD_ALIKE = {"devices.end", "devices.end_key"}
#: Anybody may apply anywhere; offices only where they have a role.
FOR_APPLICANTS = {"start.guide", "start.form", "start.begin"}
#: What a page has to be asked to be one.
QUERIES = {
    "api_calendar.show": "year=2027",
    "api_regions.show_form": "region=jilin",
    "statistics.listing": "figure=received",
    "statistics.export_list": "figure=received",
}
#: Only a demonstration has a clock that can be moved.
NOT_HERE = {"administrator.clock"}


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Built once: what strangers cannot touch stays as it is."""
    with copy_of_template(request.getfixturevalue("postgres")) as database:
        yield build(database.engine)


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return serve(world, tmp_path_factory)


def serve(world: World, folders: pytest.TempPathFactory) -> APIFlask:
    """The whole application; requests of other sites are somebody else's test."""
    settings = replace(settings_in(folders.mktemp("doors")), demo=False)
    app = create_app(settings, world.stage.runtime)
    app.config.update(PROPAGATE_EXCEPTIONS=False, WTF_CSRF_METHODS=[])
    return app


def about_an_object(app: APIFlask, one: Knock) -> bool:
    return any(rule.arguments for rule in app.url_map.iter_rules(one.endpoint))


def about_a_case(app: APIFlask, one: Knock) -> bool:
    names = {"no", "task_id", "document_id", "attachment_id"}
    return any(rule.arguments & names for rule in app.url_map.iter_rules(one.endpoint))


def trespasses(app: APIFlask, world: World, only: Collection[str] = ()) -> list[str]:
    """What strangers got at objects that are not theirs; also what broke."""
    found = []
    for one in knocks(app, world, only):
        if one.endpoint in EVERYBODYS or not about_an_object(app, one):
            continue
        for who, stranger in world.strangers.items():
            if who in (ELSEWHERE_IN_REGION, BARRED) and not about_a_case(app, one):
                continue
            staff = stranger is not None and stranger.kind == "staff"
            if one.endpoint in FOR_APPLICANTS and not staff and stranger is not None:
                continue
            answer = knock(app, stranger, one)
            alike = one.endpoint in TOLD_ALIKE and answer.location == "/devices/"
            if not (is_refused(answer) or alike):
                found.append(f"{who}: {one.method} {one.path} {answer.status_code}")
    return found


def leaks(app: APIFlask, world: World, query: str = "", only: Collection[str] = ()) -> list[str]:
    """Lists that show a stranger something of the world."""
    found = []
    for one in knocks(app, world, only):
        if about_an_object(app, one):
            continue
        for who, stranger in world.strangers.items():
            if query and who in world.single:
                continue
            answer = knock(app, stranger, one, query)
            partly = who in (ELSEWHERE_IN_REGION, BARRED)
            seen = [] if partly else told(answer, world.secrets)
            if seen or answer.status_code >= 500:
                found.append(f"{who}: {one.method} {one.path} {answer.status_code} {seen}")
    return found


def test_it_runs_on_the_restricted_role(world: World) -> None:
    with world.stage.runtime.reading() as session:
        assert session.scalar(text("select current_user")) == "yjs_app"


def test_every_route_has_a_door_and_every_door_a_route(app: APIFlask) -> None:
    assert undeclared(app) == []
    assert set(DOORS) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_a_door_lets_nobody_in_it_is_not_for(app: APIFlask, world: World) -> None:
    wrong = []
    for one in knocks(app, world):
        door = DOORS[one.endpoint]
        for who, somebody in {**world.owners, **world.strangers}.items():
            if door.stranger or (somebody is not None and door.admits(somebody)):
                continue
            answer = knock(app, somebody, one)
            expected = answer.status_code == 403 if somebody else is_refused(answer)
            if not expected:
                wrong.append(f"{who}: {one.method} {one.path} {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_strangers_get_at_no_object(app: APIFlask, world: World) -> None:
    before = footprint(world)
    found = trespasses(app, world)
    assert not found, "\n".join(found)
    assert footprint(world) == before


@pytest.mark.parametrize("query", ["", "region=jilin", "region=jilin&q=2201&view=overdue"])
def test_lists_show_strangers_nothing_of_it(app: APIFlask, world: World, query: str) -> None:
    before = footprint(world)
    found = leaks(app, world, query)
    assert not found, "\n".join(found)
    assert footprint(world) == before


def test_its_owners_open_every_kind_of_page(app: APIFlask, world: World) -> None:
    """Or else what strangers were refused would prove nothing."""
    opened: dict[str, set[int]] = {}
    for one in knocks(app, world):
        if one.method != "GET" or DOORS[one.endpoint].stranger or one.endpoint in NOT_HERE:
            continue
        query = QUERIES.get(one.endpoint, "")
        answers = (knock(app, owner, one, query) for owner in world.owners.values())
        opened.setdefault(one.endpoint, set()).update(answer.status_code for answer in answers)
    shut = [name for name, codes in opened.items() if not codes & {200, 302} or max(codes) >= 500]
    assert not shut, "\n".join(shut)


def test_a_planted_open_route_is_found(
    world: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody forgot to ask whose case it is: once by its number, twice in a list."""
    for name in ("planted", "planted_list", "planted_query"):
        monkeypatch.setitem(DOORS, name, SIGNED_IN)  # type: ignore[arg-type]
    app = serve(world, tmp_path_factory)
    runtime = world.stage.runtime
    app.add_url_rule("/planted/<no>", "planted", lambda no: f"办件 {no}：{actor().name}")

    def list_all() -> str:
        with runtime.reading() as session:
            return " ".join(session.scalars(select(WorkItem.case_no)))

    def open_list() -> str:
        with within(SYSTEM):
            return list_all()

    app.add_url_rule("/planted", "planted_list", open_list)
    app.add_url_rule("/query", "planted_query", list_all)

    no = world.objects["no"][0]
    assert f"another retiree: GET /planted/{no} 200" in trespasses(app, world, {"planted"})
    assert any("GET /planted " in one for one in leaks(app, world, only={"planted_list"}))
    # where only the condition was forgotten, the database shows no row
    assert leaks(app, world, only={"planted_query"}) == []


def test_a_route_nobody_declared_is_closed_and_found(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = serve(world, tmp_path_factory)
    app.add_url_rule("/new", "new", lambda: "hello")
    assert undeclared(app) == ["new"]
    for somebody in (None, world.owners["the clerk"]):
        assert knock(app, somebody, Knock("new", "GET", "/new")).status_code == 404


def test_a_parameter_nobody_explained_is_found(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = serve(world, tmp_path_factory)
    app.add_url_rule("/new/<thing>", "new", lambda thing: thing)
    with pytest.raises(LookupError, match="new: what does thing stand for"):
        list(knocks(app, world))


def footprint(world: World) -> list[object]:
    """What strangers could have left behind."""
    with world.stage.runtime.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(CaseEvent)),
            session.scalar(select(func.count()).select_from(UploadRow)),
            session.scalars(select(ApiKey.revoked_at)).all(),
            session.scalar(
                select(SignInSession.revoked_at).where(
                    SignInSession.id == bytes.fromhex(str(world.objects["session_id"][0]))
                )
            ),
            session.scalars(
                select(WorkItem.claimed_by).where(WorkItem.claimed_by.is_not(None))
            ).all(),
        ]
