"""常用筛选: the lists somebody keeps."""

from collections.abc import Sequence

from sqlalchemy import select

from engine.access import Actor
from engine.models import SavedView
from engine.runtime import Runtime


def saved_views(runtime: Runtime, actor: Actor) -> Sequence[SavedView]:
    """List what the actor keeps, oldest first."""
    with runtime.reading() as session:
        own = select(SavedView).where(SavedView.account_id == actor.account_id)
        return session.scalars(own.order_by(SavedView.made_at, SavedView.id)).all()
