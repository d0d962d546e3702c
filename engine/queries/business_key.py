"""Whom a message is about: the person file or the case its business key names."""

from uuid import UUID

from sqlalchemy import select, union_all

from engine.errors import NotFound
from engine.models import Case, PersonFile
from engine.runtime import Runtime


def region_of_key(runtime: Runtime, business_key: UUID) -> str:
    """Return the region of the person file or case.

    Raises:
        NotFound: there is neither.
    """
    with runtime.reading() as session:
        region: str | None = session.scalar(
            union_all(
                select(PersonFile.region).where(PersonFile.id == business_key),
                select(Case.region).where(Case.id == business_key),
            )
        )
    if region is None:
        raise NotFound("没有这一人员档案或办件。")
    return region
