"""Putting a subordinate unit of a group on record (下级单位、分公司)."""

from uuid import UUID

from sqlalchemy import func, select

from engine.access import Actor
from engine.errors import Invalid
from engine.identity import check_uscc
from engine.models import Unit
from engine.operators import require_unit_admin
from engine.runtime import Runtime


def add_subordinate(runtime: Runtime, name: str, uscc: str, actor: Actor) -> UUID:
    """Register a unit below the administrator's own, insured under its account (JLG-007).

    A unit already on record stands on its own; only the platform's administrator could move it.

    Raises:
        Forbidden: the actor is no administrator of a unit.
        Invalid: ``errors`` names the fields.
    """
    require_unit_admin(actor)
    errors, name = {}, name.strip()
    if not 2 <= len(name) <= 120 or not name.isprintable():
        errors["sub_name"] = "单位名称应为 2 至 120 个字。"
    try:
        uscc = check_uscc(uscc)
    except Invalid as error:
        errors["sub_uscc"] = error.message
    if actor.unit_kind == "custodian":
        errors["sub_name"] = "档案托管机构没有下级参保单位。"
    if errors:
        raise Invalid(errors=errors)
    with runtime.transaction() as session:
        # two who register the same code at once: the second waits, and finds it taken
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(uscc, 1))))
        if session.scalar(select(Unit.id).where(Unit.uscc == uscc)):
            raise Invalid(
                errors={"sub_uscc": "该代码已单独登记，不能自行划入，请联系人社部门核实。"}
            )
        unit = Unit(name=name, uscc=uscc, parent_id=actor.unit_id, own_account=False)
        session.add(unit)
        session.flush()
        return unit.id
