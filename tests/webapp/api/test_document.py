"""The OpenAPI document: valid, complete, and true."""

import json
import re

from apiflask import APIFlask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import select

from engine.commands.begin_attempt import begin_attempt
from engine.commands.finish_service_call import CallResult, finish_service_call
from engine.commands.store_feedback import store_feedback
from engine.models import ServiceCall
from tests.handlers.stories import apply_for_everything
from tests.stage import AGREE, RETIREE, Stage
from tests.webapp.api.conftest import As
from webapp.api.part import ROOT

#: What others rely on: docs/architecture.md, interfaces.
PROMISED = {
    "/regions",
    "/releases",
    "/processes",
    "/cases",
    "/cases/{no}",
    "/cases/{no}/events",
    "/tasks",
    "/tasks/{task_id}",
    "/tasks/{task_id}/claim",
    "/tasks/{task_id}/unclaim",
    "/tasks/{task_id}/draft",
    "/tasks/{task_id}/submit",
    "/forms/{key}",
    "/service-calls/{call_id}/feedback",
    "/messages",
    "/calendar",
    "/statistics",
    "/health",
}


def test_the_document_is_valid_openapi_3_1(signed_in: As) -> None:
    document = signed_in().get("/api/openapi.json").json

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_document_describes_what_was_promised(app: APIFlask, signed_in: As) -> None:
    paths = signed_in().get("/api/openapi.json").json["paths"]
    routes = {
        re.sub(r"<(\w+:)?(\w+)>", r"{\2}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(ROOT)
    }

    assert set(paths) == routes
    assert {path.removeprefix(ROOT) for path in paths} >= PROMISED


def test_every_operation_says_what_it_does_and_how_it_fails(signed_in: As) -> None:
    document = signed_in().get("/api/openapi.json").json
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]

    assert document["security"] == [{"basic": []}, {"session": []}]
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert len(operation["summary"]) > 10, path
        if method == "post" and "feedback" not in path and "claim" not in path:
            assert "requestBody" in operation, path
        for status, response in operation["responses"].items():
            if status not in ("204",):
                kind = "octet-stream" if path.endswith("{file_id}") and status == "200" else "json"
                assert response["content"][f"application/{kind}"]["schema"], (path, status)
    answer = document["components"]["schemas"]["HTTPError"]
    assert set(answer["required"]) == {"code", "message", "errors"}


def test_answers_are_what_the_document_says(stage: Stage, signed_in: As) -> None:
    approved(stage)
    stage.start("record_prereview", stage.li, {**RETIREE, "id_no": "220199196611201019"})
    clerk, unit = signed_in("xiaoli"), signed_in("aming")
    document = clerk.get("/api/openapi.json").json
    no = unit.get("cases").json["cases"][0]["no"]
    [prereview] = clerk.get("tasks").json["tasks"]
    seen = set()

    for program, path, query in (
        (clerk, "regions", {}),
        (clerk, "processes", {}),
        (clerk, "releases", {}),
        (clerk, "forms/{key}", {"key": "approval", "region": "jilin"}),
        (clerk, "tasks", {}),
        (clerk, "tasks/{task_id}", {"task_id": prereview["id"]}),
        (unit, "cases", {}),
        (unit, "cases/{no}", {"no": no}),
        (unit, "cases/{no}/events", {"no": no}),
        (unit, "calendar", {"year": 2027}),
        (clerk, "statistics", {}),
        (clerk, "health", {}),
    ):
        inside = {name: query.pop(name) for name in list(query) if f"{{{name}}}" in path}
        answer = program.get(path.format(**inside), **query)
        response = document["paths"][f"{ROOT}/{path}"]["get"]["responses"]["200"]
        schema = response["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)
        assert len(json.dumps(answer.json)) > 100, f"{path} has nothing to show"
        seen.add(f"{ROOT}/{path}")
    shown = {path for path, methods in document["paths"].items() if "get" in methods}
    assert seen == shown - {f"{ROOT}/service-calls/{{call_id}}/files/{{file_id}}"}  # not JSON


def approved(stage: Stage) -> None:
    """A joint case with items under way."""
    apply_for_everything(stage)
    with stage.runtime.reading() as session:
        [call] = session.scalars(select(ServiceCall)).all()
    household = {
        "match": True,
        "life_status": "alive",
        "household_region": "示范市",
        "checked_at": "2027-04-20T09:00:00+08:00",
    }
    assert begin_attempt(stage.runtime, call.id) is not None
    feedback = store_feedback(stage.runtime, call.id, b"{}", "callback")
    finish_service_call(stage.runtime, feedback, CallResult("SUCCESS", household))
    stage.submit("approve", stage.li, AGREE)
