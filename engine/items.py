"""联办事项 of a case: the state each of them is in."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from engine.item_states import FINAL
from engine.models import Item

if TYPE_CHECKING:
    from engine.open_case import OpenCase


def set_item(
    case: "OpenCase",
    code: str,
    state: str,
    *,
    reason: str | None = None,
    met_at: datetime | None = None,
) -> None:
    """Give a joint item a new state.

    Args:
        code: the item's, as in ``[items]`` of the region.
        state: one of ``engine.item_states.STATES``.
        reason: why it is there, for people.
        met_at: aware UTC; when the condition it waited for was met.
    """
    kind = case.config.items[code]
    case.changes.add(
        Item(
            case_id=case.case.id,
            code=code,
            title=kind.title,
            agency=kind.agency,
            office=case.office_for(kind.agency),
            state=state,
            round=1,
            condition_met_at=met_at,
            finished_at=case.now if state in FINAL else None,
            reason=reason[:400] if reason else None,
            changed_at=case.now,
        )
    )


def select_items(case: "OpenCase") -> None:
    """Say of every item whether the applicant ticked it."""
    for code, kind in case.config.items.items():
        chosen = kind.when and case.instance.evaluate(kind.when)
        set_item(case, code, "awaiting_approval" if chosen else "not_selected")


def end_items(case: "OpenCase") -> None:
    """A closed case has no open items: what was not finished ended with it."""
    case.session.execute(
        update(Item)
        .where(Item.case_id == case.case.id, Item.finished_at.is_(None))
        .values(state="ended", finished_at=case.now, changed_at=case.now)
    )
