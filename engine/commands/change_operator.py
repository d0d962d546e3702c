"""Changing what an operator of a unit may do, disabling it, giving it a new password."""

import secrets
from collections.abc import Collection
from uuid import UUID

from engine.access import Actor
from engine.errors import Invalid
from engine.models import Unit
from engine.operators import note, own_operator
from engine.passwords import set_password
from engine.runtime import Runtime
from engine.sign_in_sessions import end_sessions_of


def scope_operator(
    runtime: Runtime, account_id: UUID, unit_id: UUID, barred: Collection[str], actor: Actor
) -> None:
    """Say for which unit an operator works and what it is kept out of; it counts at once.

    Args:
        unit_id: the administrator's unit or one below it.
        barred: ``region/process``.

    Raises:
        NotFound, Forbidden, Conflict: see ``own_operator``.
        Invalid: not one of the administrator's units.
    """
    with runtime.transaction() as session:
        account = own_operator(session, account_id, actor)
        if unit_id not in actor.units:
            raise Invalid(errors={"unit": "请选择本单位或下级单位。"})
        unit = session.get_one(Unit, unit_id)
        account.unit_id, account.barred = unit_id, sorted(barred)
        kept_out = f"，不可办理 {len(account.barred)} 项" if account.barred else "，可办理全部事项"
        title = f"调整{account.name}的范围：{unit.name}{kept_out}"
        note(runtime, session, account, "scoped", actor.name, title)


def switch_operator(runtime: Runtime, account_id: UUID, active: bool, actor: Actor) -> None:
    """Disable an operator, who is out at the next request, or let it in again.

    Raises:
        NotFound, Forbidden, Conflict: see ``own_operator``.
    """
    with runtime.transaction() as session:
        account = own_operator(session, account_id, actor)
        if account.active == active:
            return
        account.active = active
        if not active:
            end_sessions_of(session, account.id)
        kind, word = ("enabled", "恢复") if active else ("disabled", "停用")
        note(runtime, session, account, kind, actor.name, f"{word}经办人{account.name}")


def renew_password(runtime: Runtime, account_id: UUID, actor: Actor) -> str:
    """Give an operator a new temporary password; it is returned once and kept nowhere.

    Raises:
        NotFound, Forbidden, Conflict: see ``own_operator``.
    """
    password = secrets.token_urlsafe(12)
    with runtime.transaction() as session:
        account = own_operator(session, account_id, actor)
        set_password(session, account, password, temporary=True)
        title = f"重设{account.name}的密码"
        note(runtime, session, account, "password", actor.name, title)
    return password
