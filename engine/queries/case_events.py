"""办理过程: the history of one case, a page at a time."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, select

from engine.access import Actor, may_see
from engine.errors import NotFound
from engine.models import Case, CaseEvent
from engine.queries.case_page import HANDED_ON
from engine.runtime import Runtime


def case_events(
    runtime: Runtime, case_no: str, actor: Actor, *, after: int = 0, size: int = 200
) -> Sequence[CaseEvent]:
    """List the lines of a case's history in their order.

    Args:
        after: number of the last line already read; 0 begins at the start.
        size: lines per page, at most 1000.

    Raises:
        NotFound: no such case, or not the actor's to see.
    """
    with runtime.reading() as session:
        case = session.scalar(select(Case).where(Case.no == case_no))
        if case is None or not may_see(actor, case):
            raise NotFound("没有找到这一办件，或您无权查看。")  # never repeats what was asked
        return session.scalars(
            select(CaseEvent)
            .where(CaseEvent.case_id == case.id, CaseEvent.seq > after, *_told(actor))
            .order_by(CaseEvent.seq)
            .limit(max(1, min(size, 1000)))
        ).all()


def _told(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """Who does a task is the office's own business."""
    if actor.kind != "staff":
        yield CaseEvent.kind != HANDED_ON
