"""Trying every door: each route, with real objects, as somebody who has no business there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.access import Actor
from tests.webapp.world import World
from webapp.doors import DOORS
from webapp.visitor import signed_in

#: What stands for other things than the world's objects of that name, by end point.
OWN: Mapping[str, Mapping[str, Sequence[object]]] = {
    "administrator.clause_diagram": {"process": ["joint_case"]},
    "administrator.clause_drawing": {"process": ["joint_case"]},
    "administrator.liaison": {"code": ["police"]},
    "administrator.set_liaison": {"code": ["police"]},
    "api_regions.show_form": {"key": ["person_file"]},
    "content.edit": {"key": ["only_child"]},
    "content.write": {"key": ["only_child"]},
    "diagram.xml": {"process": ["joint_case"]},
    "document.blank": {"key": ["person_file"]},
    "document.paper": {"key": ["guide"]},
    "export.ask": {"kind": ["exchange"]},
    "export.send": {"kind": ["exchange"]},
    "public.begin": {"process": ["custodian_request"]},
    "public.form": {"process": ["custodian_request"]},
    "roster.show": {"code": ["contribution_check"]},
    "roster.take": {"code": ["contribution_check"]},
    "roster.template": {"code": ["contribution_check"]},
    "start.begin": {"process": ["joint_case"]},
    "start.form": {"process": ["joint_case"]},
    "start.guide": {"process": ["joint_case"]},
    "static": {"filename": ["favicon.svg"]},
}

#: What programs send, where an empty body would be refused before anybody asks who sends it.
BODIES: Mapping[str, object] = {
    "api_tasks.draft": {"answers": {}},
    "api_tasks.submit": {"revision": 0, "answers": {}},
}


@dataclass(frozen=True)
class Knock:
    """A request at a door."""

    endpoint: str
    method: str
    path: str


def knocks(app: APIFlask, world: World, only: Collection[str] = ()) -> Iterator[Knock]:
    """Every route (or only those end points) with every method and every fitting object.

    Raises:
        LookupError: nobody said what one of its parameters stands for.
    """
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.endpoint, one.rule)):
        if only and rule.endpoint not in only:
            continue
        for path in _paths(rule, world):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Knock(rule.endpoint, method, path)


def _paths(rule: Rule, world: World) -> Iterator[str]:
    own = OWN.get(rule.endpoint, {})
    if rule.endpoint in ("export.ask", "export.send"):
        own = {**own, "ref": world.objects["one"]}
    names = sorted(rule.arguments)
    unknown = [name for name in names if name not in own and name not in world.objects]
    if unknown:
        raise LookupError(f"{rule.endpoint}: what does {unknown[0]} stand for?")
    for values in product(*(own.get(name) or world.objects[name] for name in names)):
        built = rule.build(dict(zip(names, values, strict=True)))
        assert built is not None, rule
        yield built[1]


def undeclared(app: APIFlask) -> list[str]:
    """Routes nobody declared a door for."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(DOORS))


def knock(app: APIFlask, actor: Actor | None, one: Knock, query: str = "") -> TestResponse:
    """Send it as somebody who is signed in."""
    client: FlaskClient = app.test_client()
    if actor is not None:
        with client.session_transaction() as session:
            token = signed_in(app.extensions["runtime"], actor)
            session["_user_id"], session["_fresh"] = token, True
    path = f"{one.path}?{query}" if query else one.path
    if one.method == "POST" and one.path.startswith("/api/"):
        return client.post(path, json=BODIES.get(one.endpoint, {}))
    return client.open(path, method=one.method)


def is_refused(answer: TestResponse) -> bool:
    """Refused, or sent to sign in."""
    to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in")
    return answer.status_code in (401, 403, 404) or to_sign_in


def told(answer: TestResponse, secrets: Sequence[str]) -> list[str]:
    """Which secrets can be read in an answer."""
    text = answer.get_data(as_text=False)
    where = (answer.location or "").encode()
    return [one for one in secrets if one.encode() in text or one.encode() in where]
