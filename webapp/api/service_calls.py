"""``service-calls/{id}/feedback``: where agencies say what became of a request."""

from uuid import UUID

from flask import make_response, request
from flask.typing import ResponseReturnValue

from engine.commands.store_feedback import store_feedback
from engine.errors import Forbidden
from engine.queries.agency_of_call import agency_of_call
from handlers.envelope import MAX_BYTES
from handlers.signature import agency_key, verify
from webapp.api.part import Shape, part
from webapp.context import runtime, settings
from webapp.errors import answer

service_calls = part("service_calls", "部门反馈 service-calls", open_to_all=True)


class Stored(Shape):
    """The answer is safe; what it means is worked out next."""

    feedback_id: UUID


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
    key = agency_key(settings().agency_secret, agency_of_call(runtime(), call_id))
    try:
        verify(key, "POST", request.path, body, dict(request.headers))
    except Forbidden as error:
        return make_response(answer(401, error.message, "BadSignature"))
    return {"feedback_id": store_feedback(runtime(), call_id, body, "callback")}
