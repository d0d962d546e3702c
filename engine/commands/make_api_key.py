"""Making a key with which a program of an account comes in."""

from datetime import timedelta

from sqlalchemy import func, select

from engine.access import Actor
from engine.api_keys import LASTS_DAYS, MOST_OF_ACCOUNT, hash_of, new_key
from engine.errors import Forbidden, Invalid
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
