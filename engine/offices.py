"""办事机构: the tree of places beside the roles, and at whose counter somebody sits."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.models import Office


def desk_of(session: Session, region: str, offices: Collection[str]) -> str | None:
    """The one office at whose counter somebody sits who holds a role for these offices.

    ``None``: the whole region, or several offices side by side.
    """
    if not offices or "" in offices:
        return None
    # rights reach the offices below, too: the clerk sits in the topmost
    own = session.scalars(
        select(Office.code).where(
            Office.region == region,
            Office.code.in_(offices),
            or_(Office.parent.is_(None), Office.parent.not_in(offices)),
        )
    ).all()
    return own[0] if len(own) == 1 else None
