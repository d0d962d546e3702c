"""接口密钥: what a program sends instead of the password of its account."""

import secrets
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.accounts import actor_of
from engine.models import Account, ApiKey

#: How a key begins: told apart from passwords, and found by those who scan for leaked keys.
PREFIX = "yjs_"
#: A key that nobody renews ends by itself.
LASTS_DAYS = 365
MOST_OF_ACCOUNT = 5


def new_key() -> str:
    """A fresh key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(key: str) -> bytes:
    """A key as it is kept. It is random, so a fast hash hides it as well as a slow one."""
    return sha256(key.encode("utf-8", "replace")).digest()


def actor_of_key(session: Session, login: str, key: str) -> Actor | None:
    """Who a key stands for, with their present rights; ``None``: not a key of this login."""
    account = session.scalar(
        select(Account)
        .join(ApiKey, ApiKey.account_id == Account.id)
        .where(
            Account.login == login,
            ApiKey.key_hash == hash_of(key),
            ApiKey.revoked_at.is_(None),
            ApiKey.ends_at > func.now(),
        )
    )
    return actor_of(session, account.id) if account else None


def end_keys_of(session: Session, account_id: UUID) -> int:
    """End all keys of an account; return how many there were."""
    ended = session.scalars(
        update(ApiKey)
        .where(
            ApiKey.account_id == account_id,
            ApiKey.revoked_at.is_(None),
            ApiKey.ends_at > func.now(),
        )
        .values(revoked_at=func.now())
        .returning(ApiKey.id)
    )
    return len(ended.all())
