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
    spec["security"] = [{"basic": []}, {"session": []}]
    return spec
