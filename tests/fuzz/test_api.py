"""Whatever the OpenAPI document allows, and much it does not: no 5xx, and every answer is one the
document describes."""

from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from engine.models import Case, ServiceCall, WorkItem
from engine.settings import Settings
from tests.fuzz.budget import examples
from tests.handlers.stories import apply_for_everything
from tests.stage import RETIREE, Stage
from tests.webapp.api.conftest import PASSWORD, app, stage

__all__ = ["app", "stage"]  # fixtures
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def known(stage: Stage) -> dict[str, list[str]]:
    """Things that exist, by the name a path has for them."""
    apply_for_everything(stage)
    stage.start("record_prereview", stage.li, {**RETIREE, "id_no": "220199196611201019"})
    with stage.runtime.reading() as session:
        return {
            "no": list(session.scalars(select(Case.no))),
            "task_id": [str(one) for one in session.scalars(select(WorkItem.id))],
            "call_id": [str(one) for one in session.scalars(select(ServiceCall.id))],
            "key": ["approval", "joint_case"],
        }


def test_no_request_breaks_the_api(
    app: APIFlask, known: dict[str, list[str]], settings: Settings
) -> None:
    schema = schemathesis.openapi.from_dict(document(app))
    schema.app = app
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 15
    drawn = st.one_of(*(_cases(operation, known) for operation in operations))

    @examples(250)
    @given(drawn, st.sampled_from(["aming", "xiaoli", "rival", None]))
    def run(case: Any, login: str | None) -> None:
        response = case.call(auth=(login, PASSWORD) if login else None)
        case.validate_response(response, checks=CHECKS)

    run()


def _cases(operation: Any, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Requests of one operation, most of them about something that exists."""
    names = [one.name for one in operation.path_parameters if one.name in known]
    chosen = st.fixed_dictionaries({name: st.sampled_from(known[name]) for name in names})

    def about(both: tuple[Any, dict[str, str], bool]) -> Any:
        case, ids, exists = both
        if exists:
            case.path_parameters = {**(case.path_parameters or {}), **ids}
        return case

    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    strategies = [operation.as_strategy(generation_mode=mode) for mode in modes]
    return st.tuples(st.one_of(*strategies), chosen, st.booleans()).map(about)


def document(app: APIFlask) -> dict[str, Any]:
    """The OpenAPI document as a client reads it."""
    answer = app.test_client().get("/api/openapi.json", auth=("xiaoli", PASSWORD))
    assert answer.status_code == 200
    return dict(answer.json)
