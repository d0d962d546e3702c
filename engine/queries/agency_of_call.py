"""Which agency a service call went to, so that its feedback can be checked; and its case."""

from uuid import UUID

from sqlalchemy import select

from engine.errors import NotFound
from engine.models import Case, ServiceCall
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


def case_of_call(runtime: Runtime, call_id: UUID) -> str:
    """Return the number of the case a call belongs to."""
    with runtime.reading() as session:
        query = select(Case.no).join(ServiceCall, ServiceCall.case_id == Case.id)
        return session.scalars(query.where(ServiceCall.id == call_id)).one()
