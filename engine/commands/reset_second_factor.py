"""Taking a lost telephone's second factor away, so that its owner can enrol another."""

from uuid import UUID

from sqlalchemy import select

from engine.access import Actor
from engine.administered import administered, other_account
from engine.errors import Conflict
from engine.models import RoleGrant
from engine.operators import note
from engine.runtime import Runtime
from engine.second_factor import drop_factor
from engine.sign_in_sessions import end_sessions_of


def reset_second_factor(runtime: Runtime, account_id: UUID, actor: Actor) -> None:
    """Take the factor away and sign its owner out everywhere; the next sign-in enrols another.

    Raises:
        NotFound: no account of the administrator's regions.
        Conflict: the administrator's own, there is none, or the account holds roles in regions
            the administrator does not look after, which the factor protects as well.
    """
    with runtime.transaction() as session:
        account = other_account(session, actor, account_id)
        if account.second_factor_at is None:
            raise Conflict("该账号没有启用二次验证。")
        held = session.scalars(
            select(RoleGrant.region).where(RoleGrant.account_id == account.id)
        ).all()
        if not set(held) <= set(administered(actor)):
            raise Conflict("该账号还在其他地区任职，请由同时管理这些地区的管理员重置。")
        drop_factor(session, account)
        end_sessions_of(session, account.id)
        title = f"重置{account.name}的二次验证"
        note(runtime, session, account, "factor", actor.name, title)
