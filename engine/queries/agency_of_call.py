"""Which agency a service call went to, so that its feedback can be checked."""

from uuid import UUID

from sqlalchemy import select

from engine.errors import NotFound
from engine.models import ServiceCall
from engine.runtime import Runtime


def agency_of_call(runtime: Runtime, call_id: UUID) -> str:
    """Return the code of the agency.

    Raises:
        NotFound: we never made such a call.
    """
    with runtime.reading() as session:
        agency = session.scalar(select(ServiceCall.agency).where(ServiceCall.id == call_id))
    if agency is None:
        raise NotFound("没有这一请求编号。")
    return agency
