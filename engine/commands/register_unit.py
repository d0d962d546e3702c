"""Putting an employer on record, so that its operators may sign in and its people be registered."""

from uuid import UUID

from sqlalchemy import select

from engine.access import Actor
from engine.errors import Forbidden, Invalid
from engine.identity import check_uscc
from engine.models import Unit
from engine.runtime import Runtime


def register_unit(runtime: Runtime, name: str, uscc: str, actor: Actor) -> UUID:
    """Register a unit by its unified social credit code; return its id.

    Raises:
        Invalid: the code is wrong or taken, or the name is missing; ``errors`` names the fields.
    """
    if not actor.is_admin:
        raise Forbidden
    errors = {}
    name = name.strip()
    if not 2 <= len(name) <= 120:
        errors["name"] = "单位名称应为 2 至 120 个字。"
    try:
        uscc = check_uscc(uscc)
    except Invalid as error:
        errors["uscc"] = error.message
    if errors:
        raise Invalid(errors=errors)
    with runtime.transaction() as session:
        known = session.scalar(select(Unit).where(Unit.uscc == uscc))
        if known is not None:
            raise Invalid(errors={"uscc": f"该代码已登记为“{known.name}”。"})
        unit = Unit(name=name, uscc=uscc)
        session.add(unit)
        session.flush()
        return unit.id
