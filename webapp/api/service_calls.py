"""``service-calls/{id}/feedback``: where agencies say what became of a request."""

from typing import Any
from uuid import UUID

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from engine.commands.hand_to_agency import hand_to_agency
from engine.commands.store_feedback import store_feedback
from engine.errors import Forbidden
from engine.queries.agency_of_call import agency_of_call
from engine.scope import Scope, within
from handlers.envelope import MAX_BYTES
from handlers.signature import agency_key, verify, verify_link
from webapp.api.part import Shape, part
from webapp.attachments import file_response
from webapp.context import runtime, settings
from webapp.errors import answer

service_calls = part("service_calls", "部门反馈 service-calls", open_to_all=True)


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file as it was handed in or issued",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Stored(Shape):
    """The answer is safe; what it means is worked out next."""

    feedback_id: UUID


def _key(call_id: UUID) -> bytes:
    """The key of the agency a call went to; nobody has signed anything yet."""
    with within(Scope(call=call_id)):
        return agency_key(settings().agency_secret, agency_of_call(runtime(), call_id))


@service_calls.post("/service-calls/<uuid:call_id>/feedback")
@service_calls.output(Stored, status_code=202)
@service_calls.doc(security="signature")
def feedback(call_id: UUID) -> ResponseReturnValue | dict[str, UUID]:
    """Take an agency's answer exactly as it came, signed with the agency's key.

    Signed are time, method, path and body (HMAC-SHA256), so that nothing can be altered or sent
    again after five minutes. Repeats are harmless. At most 64 KB.
    """
    request.max_content_length = MAX_BYTES
    body = request.get_data()
    key = _key(call_id)
    try:
        verify(key, "POST", request.path, body, dict(request.headers))
    except Forbidden as error:
        return make_response(answer(401, error.message, "BadSignature"))
    return {"feedback_id": store_feedback(runtime(), call_id, body, "callback")}


@service_calls.get("/service-calls/<uuid:call_id>/files/<uuid:file_id>")
@service_calls.doc(security="signature", responses=_FILE)
def fetch_file(call_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Fetch a file that goes with a request, by the signed link in its envelope.

    The link is valid for an hour; every fetch is noted in the history of the case.
    """
    key = _key(call_id)
    until, given = request.args.get("until", "")[:20], request.args.get("signature", "")[:100]
    try:
        verify_link(key, request.path, until, given)
    except Forbidden as error:
        return make_response(answer(401, error.message, "BadSignature"))
    file, content = hand_to_agency(runtime(), call_id, file_id)
    response: Response = file_response(content, file.media_type, file.name, shown=False)
    return response
