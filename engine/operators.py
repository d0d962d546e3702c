"""经办人: what all that is done to the accounts of a unit has in common."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Conflict, Forbidden, NotFound
from engine.models import Account, AccountEvent
from engine.runtime import Runtime


def require_unit_admin(actor: Actor) -> None:
    """Only a unit's administrator looks after its operators (JLG-004, JLG-054).

    Raises:
        Forbidden: the actor is none.
    """
    if actor.kind != "unit" or not actor.unit_admin:
        raise Forbidden("只有本单位管理员可以管理经办人。")


def own_operator(session: Session, account_id: UUID, actor: Actor) -> Account:
    """Lock and return an account of the administrator's unit or of one below it.

    Raises:
        NotFound: no such account, or another unit's.
        Conflict: it is the administrator's own.
    """
    require_unit_admin(actor)
    account = session.scalar(select(Account).where(Account.id == account_id).with_for_update())
    if account is None or account.kind != "unit" or account.unit_id not in actor.units:
        raise NotFound
    if account.id == actor.account_id:
        raise Conflict("不能更改自己的账号，请由其他管理员办理。")
    return account


def note(
    runtime: Runtime, session: Session, account: Account, kind: str, by: str, title: str
) -> None:
    """Write down what was done to an account and by whom; never numbers or passwords."""
    session.add(
        AccountEvent(
            account_id=account.id,
            unit_id=account.unit_id,
            at=runtime.clock.now(),
            kind=kind,
            by=by[:120],
            title=title[:200],
        )
    )
