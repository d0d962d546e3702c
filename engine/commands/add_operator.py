"""Setting up an operator (经办人) of a unit, or of a unit below it."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import add_account
from engine.errors import Invalid
from engine.identity import check_id_no
from engine.models import Account, Unit
from engine.operators import note, require_unit_admin
from engine.runtime import Runtime

_LOGIN = re.compile(r"[a-z][a-z0-9_.-]{3,29}")


@dataclass(frozen=True)
class NewOperator:
    """The account that was made; ``password`` is shown once and kept nowhere."""

    account_id: UUID
    login: str
    password: str


def add_operator(
    runtime: Runtime,
    actor: Actor,
    *,
    login: str,
    name: str,
    id_no: str = "",
    unit_id: UUID | None = None,
    barred: Collection[str] = (),
) -> NewOperator:
    """Make the account of an operator with a temporary password (JLG-004, JLG-008, JLG-054).

    Args:
        actor: an administrator of the unit or of a group above it.
        id_no: identity number; with it the operator may sign in through the identity platform.
            Only a keyed hash of it is kept.
        unit_id: the unit it works for, the actor's own if left out; it sees that unit's cases only.
        barred: ``region/process`` it is kept out of.

    Raises:
        Forbidden: the actor is no administrator of a unit.
        Invalid: ``errors`` names the fields. Mend them, then try again.
    """
    require_unit_admin(actor)
    login, name = login.strip(), name.strip()
    errors = {}
    if not _LOGIN.fullmatch(login):
        errors["login"] = "登录名应为 4 至 30 个小写字母、数字或 . _ -，以字母开头。"
    if not 2 <= len(name) <= 60 or not name.isprintable():
        errors["name"] = "姓名应为 2 至 60 个字。"
    if id_no.strip():
        try:
            id_no = check_id_no(id_no)
        except Invalid as error:
            errors["id_no"] = error.message
    unit_id = unit_id or actor.unit_id
    if unit_id not in actor.units:
        errors["unit"] = "请选择本单位或下级单位。"
    if errors:
        raise Invalid(errors=errors)
    password = secrets.token_urlsafe(12)
    with runtime.transaction() as session:
        unit = session.scalars(select(Unit).where(Unit.id == unit_id).with_for_update()).one()
        _require_new(session, login)
        index = runtime.keyring.index(id_no) if id_no.strip() else None
        _require_unknown(session, unit, index)
        account = add_account(
            session, login, name, password, "unit", unit_id=unit.id, temporary=True
        )
        account.identity_index, account.barred = index, sorted(barred)
        note(runtime, session, account, "opened", actor.name, f"设立经办人{name}（{unit.name}）")
        return NewOperator(account.id, login, password)


def _require_new(session: Session, login: str) -> None:
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise Invalid(errors={"login": "该登录名已被使用，请换一个。"})


def _require_unknown(session: Session, unit: Unit, index: bytes | None) -> None:
    if index is None:
        return
    known = session.scalar(
        select(Account.name).where(Account.unit_id == unit.id, Account.identity_index == index)
    )
    if known:
        raise Invalid(errors={"id_no": f"该身份证号已是“{unit.name}”的经办人“{known}”。"})
