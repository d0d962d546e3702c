"""Every page there is, as somebody who may open it.

Pages are told by the routes, so none is forgotten. What they show is the world of
``tests.webapp.world`` with the business of some months around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apiflask import APIFlask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from engine.access import Actor
from engine.commands.start_case import start_case
from tests.mix import Made, Matter, Promise, put
from tests.stage import RETIREE
from tests.webapp.doors import Knock, knocks
from tests.webapp.test_doors import QUERIES
from tests.webapp.world import World
from webapp.demo import synthetic_id_no
from webapp.doors import DOORS
from webapp.visitor import signed_in

SIZES = ((1440, 900), (390, 844))
#: Pages that differ by who looks: everybody's is shown, of all others the first one's.
_OF_EVERYBODY = {"applicant.home", "task.show", "start.guide", "devices.show", "roster.index"}
#: Opened by a program, or a part of another page.
_NO_PAGES = {"static", "metrics", "home", "openapi.spec"}
#: Pages that show more when asked for something: end point, address, reader.
_MORE = (
    ("clerk.worklist.pool", "/tasks?view=pool", "the clerk"),
    ("clerk.worklist.overdue", "/tasks?view=overdue", "the clerk"),
    ("error.not_found", "/no-such-page", "the clerk"),
    ("error.forbidden", "/admin/people", "the retiree"),
)
_NAMES = "赵文 钱玉兰 孙志国 李桂芝 周建平 吴秀荣 郑国栋 王淑清 冯长江 陈玉珍 褚卫东 卫凤英"


@dataclass(frozen=True)
class Sight:
    """A page and who looks at it."""

    endpoint: str
    path: str
    who: str
    actor: Actor | None

    @property
    def name(self) -> str:
        """What its pictures are called."""
        reader = {"nobody": "", "the unit's administrator": "-employer"}.get(self.who)
        reader = f"-{self.who.split()[-1]}" if reader is None else reader
        return self.endpoint.replace(".", "-").replace("_", "-") + reader.replace("'s", "")


def sights(app: APIFlask, world: World) -> Iterator[Sight]:
    """Every page once, pages that differ by who looks once for each."""
    readers = [(who, actor, _client(app, actor)) for who, actor in _readers(world)]
    for one in _pages(app, world):
        path = "?".join(filter(None, (one.path, QUERIES.get(one.endpoint, ""))))
        found = [
            Sight(one.endpoint, path, who, actor)
            for who, actor, client in readers
            if (actor is not None or DOORS[one.endpoint].stranger) and _is_page(client, path)
        ]
        yield from found if one.endpoint in _OF_EVERYBODY else found[:1]
    for endpoint, path, who in _MORE:
        yield Sight(endpoint, path, who, dict(_readers(world))[who])


def _readers(world: World) -> list[tuple[str, Actor | None]]:
    """Strangers first, then staff, the unit, the retiree; one operator is like another."""
    order = ("the clerk", "the unit's administrator", "the retiree")
    return [("nobody", None), *((who, world.owners[who]) for who in order)]


def _client(app: APIFlask, actor: Actor | None) -> FlaskClient:
    client = app.test_client()
    if actor is not None:
        with client.session_transaction() as session:
            token = signed_in(app.extensions["runtime"], actor)
            session["_user_id"], session["_fresh"] = token, True
    return client


def _is_page(client: FlaskClient, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and answer.mimetype == "text/html"


def _pages(app: APIFlask, world: World) -> Iterator[Knock]:
    seen = set()
    for one in knocks(app, world):
        if one.method != "GET" or one.endpoint in _NO_PAGES or one.path.startswith("/api/"):
            continue
        if one.endpoint in seen and one.endpoint not in _OF_EVERYBODY:
            continue
        seen.add(one.endpoint)
        yield one


def enliven(world: World) -> None:
    """Some months of business: cases of a region under way and closed, and a day's new tasks."""
    put(world.stage, list(_months()))
    stage = world.stage
    for number, name in enumerate(_NAMES.split()):
        birth = date(1966, 11, 20) + timedelta(days=number)
        who = {**RETIREE, "name": name, "id_no": synthetic_id_no("220199", birth, 61)}
        start_case(stage.runtime, "jilin", "record_prereview", who, stage.li)


def _months() -> Iterator[Made]:
    for number in range(90):
        age = 1 + number * 2
        closed = None if number % 6 == 0 else 4 + number % 9
        done = closed is not None
        items = [
            Matter("pension", "succeeded" if done else "in_progress", 1, 3 if done else None),
            Matter("medical", "succeeded" if done else "in_progress", 1, 4 if done else None),
            Matter("fund", "succeeded" if done else "in_progress", 2, 5 if done else None),
        ]
        promises = [
            Promise(8, 4.0 + number % 7 if done else None, item.code)
            for item in items[: 1 + number % 3]
        ]
        subject = _NAMES.split()[number % 12]
        yield Made(
            age, accepted=0.5, closed=closed, items=items, promises=promises, subject=subject
        )


def enter(app: APIFlask, page: Page, base: str, actor: Actor | None) -> None:
    """Let a browser be signed in as somebody, or as nobody."""
    page.context.clear_cookies()
    cookie = _client(app, actor).get_cookie("yijianshi")
    if cookie is not None:
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base}])
