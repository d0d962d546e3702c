"""Ending the keys with which programs of an account come in."""

from uuid import UUID

from sqlalchemy import func, update

from engine.access import Actor
from engine.administered import administered_account
from engine.api_keys import end_keys_of
from engine.errors import NotFound
from engine.models import Account, ApiKey
from engine.operators import note
from engine.runtime import Runtime


def end_api_key(runtime: Runtime, key_id: UUID, actor: Actor) -> None:
    """End one of the actor's keys; its program is a stranger at once.

    Raises:
        NotFound: not one of theirs, or ended already.
    """
    with runtime.transaction() as session:
        title = session.scalar(
            update(ApiKey)
            .where(
                ApiKey.id == key_id,
                ApiKey.account_id == actor.account_id,
                ApiKey.revoked_at.is_(None),
            )
            .values(revoked_at=func.now())
            .returning(ApiKey.title)
        )
        if title is None:
            raise NotFound("该密钥已经停用。")
        account = session.get_one(Account, actor.account_id)
        note(runtime, session, account, "api_key", actor.name, f"停用接口密钥“{title}”")


def end_api_keys_of_account(runtime: Runtime, account_id: UUID, actor: Actor) -> int:
    """As administrator, end all keys of an account; return how many there were.

    Raises:
        NotFound: no account of the administrator's regions.
    """
    with runtime.transaction() as session:
        account = administered_account(session, actor, account_id)
        ended = end_keys_of(session, account_id)
        title = f"停用{account.name}的全部 {ended} 个接口密钥"
        note(runtime, session, account, "api_key", actor.name, title)
        return ended
