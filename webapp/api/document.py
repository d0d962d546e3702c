"""The OpenAPI document: what all end points have in common."""

from typing import Any

from apiflask import APIBlueprint, APIFlask

from handlers.signature import SIGNATURE, TIMESTAMP
from webapp.api.part import ROOT

_ERROR = {
    "type": "object",
    "title": "Error",
    "required": ["code", "message", "errors"],
    "properties": {
        "code": {"type": "string", "description": "for programs"},
        "message": {"type": "string", "description": "for people, in Chinese"},
        "errors": {
            "type": "object",
            "description": "dotted field path → message",
            "additionalProperties": {"type": "string"},
        },
    },
}
#: The only body that is not JSON.
_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "task_id": {"type": "string", "format": "uuid", "description": "待办编号"},
                },
            }
        }
    },
}
_SECURITY = {
    "basic": {"type": "http", "scheme": "basic", "description": "login, and API key or password"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "yijianshi",
        "description": "the browser's session; changes need its X-CSRFToken header",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE,
        "description": f"HMAC-SHA256 with the agency's key, together with {TIMESTAMP}",
    },
}


#: How any end point may refuse, whoever asks.
_REFUSALS = {
    "400": "not JSON, or an address with characters nobody can type",
    "401": "not signed in, or not rightly",
    "403": "not allowed",
    "404": "no such thing, or not for this account to know of",
    "422": "a field is wrong; ``errors`` names it",
    "429": "too many attempts; wait",
    "503": "the database cannot be reached; try again",
}
#: And how those that take a body may.
_REFUSALS_OF_BODIES = {
    "409": "somebody was faster; read it again",
    "413": "too large",
    "415": "another kind of content",
}


def register_document(app: APIFlask) -> None:
    """Describe how to sign in and what errors look like; leave the pages out."""
    app.config.update(
        VALIDATION_ERROR_SCHEMA=_ERROR,
        HTTP_ERROR_SCHEMA=_ERROR,
        SECURITY_SCHEMES=_SECURITY,
        AUTO_SERVERS=False,  # the document is the same wherever it is read
        AUTO_OPERATION_ID=True,
    )
    for blueprint in app.blueprints.values():
        if not isinstance(blueprint, APIBlueprint):
            # APIFlask asks every blueprint with a ``before_request`` for this, also foreign ones
            vars(blueprint)["enable_openapi"] = False
    app.spec_processor(_complete)


def _complete(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    assert isinstance(spec, dict)  # it would be text if we served YAML
    spec["paths"] = {path: ops for path, ops in spec["paths"].items() if path.startswith(ROOT)}
    spec["paths"][f"{ROOT}/attachments"]["post"]["requestBody"] = _UPLOAD
    for operations in spec["paths"].values():
        for method, operation in operations.items():
            _refusals(method, operation)
    spec["security"] = [{"basic": []}, {"session": []}]
    return spec


def _refusals(method: str, operation: dict[str, Any]) -> None:
    """Say how an end point refuses, where it does not say so itself."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/HTTPError"}}}
    refusals = _REFUSALS if method == "get" else {**_REFUSALS, **_REFUSALS_OF_BODIES}
    for status, words in refusals.items():
        operation["responses"].setdefault(status, {"description": words, "content": error})
