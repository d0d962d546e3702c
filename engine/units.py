"""Units: whose pension account their people are insured under, and whom they have below them."""

from sqlalchemy.orm import Session

from engine.models import Unit

#: No group is deeper than this.
DEEPEST = 9


def insuring_unit(session: Session, unit: Unit) -> Unit:
    """The unit with the pension account a unit's people are insured under (JLG-007).

    A subordinate without an account of its own is insured under its group's.
    """
    for _ in range(DEEPEST):
        if unit.own_account or unit.parent_id is None:
            break
        unit = session.get_one(Unit, unit.parent_id)
    return unit


def home_unit(session: Session, current: Unit | None, insured: Unit, own: Unit | None) -> Unit:
    """The unit a person belongs to who is insured under ``insured``.

    Whoever belongs to a unit of that account stays there. Somebody known only by the account
    belongs to ``own``, the unit that says so, when it is insured there, too (JLG-008).

    Args:
        current: where the person belonged until now.
        own: the unit of the operator who registers the person.
    """
    if current is not None and insuring_unit(session, current).id == insured.id != current.id:
        return current
    if own is not None and insuring_unit(session, own).id == insured.id:
        return own
    return insured
