"""Making and ending the keys with which programs of an account come in."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from engine.access import Actor
from engine.api_keys import LASTS_DAYS, MOST_OF_ACCOUNT, hash_of, new_key
from engine.errors import Forbidden, Invalid, NotFound
from engine.models import Account, ApiKey
from engine.operators import note
from engine.runtime import Runtime


def make_api_key(runtime: Runtime, title: str, actor: Actor) -> str:
    """Make a key for a program of the actor's; it is returned once and kept nowhere.

    Args:
        title: what it is for, 2 to 60 characters.

    Raises:
        Forbidden: not staff: programs of applicants come through their platform.
        Invalid: no title, or too many keys; ``errors`` names the field.
    """
    if actor.kind != "staff":
        raise Forbidden
    title = title.strip()
    if not 2 <= len(title) <= 60 or not title.isprintable():
        raise Invalid(errors={"title": "请写明用途，2 至 60 个字。"})
    key = new_key()
    with runtime.transaction() as session:
        account = session.scalar(
            select(Account).where(Account.id == actor.account_id).with_for_update()
        )
        if account is None:
            raise Forbidden
        living = session.scalar(
            select(func.count()).where(
                ApiKey.account_id == account.id,
                ApiKey.revoked_at.is_(None),
                ApiKey.ends_at > func.now(),
            )
        )
        if (living or 0) >= MOST_OF_ACCOUNT:
            message = f"最多保留 {MOST_OF_ACCOUNT} 个密钥，请先停用不再使用的。"
            raise Invalid(errors={"title": message})
        ends_at = func.now() + timedelta(days=LASTS_DAYS)
        session.add(
            ApiKey(account_id=account.id, key_hash=hash_of(key), title=title, ends_at=ends_at)
        )
        note(runtime, session, account, "api_key", actor.name, f"生成接口密钥“{title}”")
    return key


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
