"""Wrapping everybody's key under a new master key, and searching under a new index key."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from engine.ciphers import AES, cipher_of
from engine.database import key_mark
from engine.errors import CannotStart, Invalid
from engine.models import Account, DataKey, Person, RecoveryCode, Setting
from engine.sealing import Keyring, SealingKey, Unsealable

#: Keys per transaction: an interruption loses no more than this.
AT_ONCE = 500


@dataclass(frozen=True)
class Keys:
    """A master key and an index key, 32 bytes each, and the cipher data keys are wrapped with."""

    master: bytes
    index: bytes
    cipher: str = AES


@dataclass(frozen=True)
class Rotated:
    """How many keys were wrapped anew, and how many people are found under the new index key."""

    wrapped: int
    indexed: int


def rotate_keys(sessions: sessionmaker[Session], old: Keys, new: Keys) -> Rotated:
    """Make ``new`` the keys of the database. Nobody else may be at work meanwhile.

    What is sealed under the data keys stays as it is: histories are hashed over it.

    Data keys are wrapped anew a batch at a time; the indexes and the mark by which a start knows
    its keys follow in one last transaction. When interrupted, the old keys are still those of the
    database: call it again with the same two, and it goes on.

    Raises:
        CannotStart: ``old`` are not the keys of this database; nothing was changed.
        Invalid: an operator is known by the index of a number that is not on record, so that
            no new one can be worked out; nothing was changed.
        Unsealable: a data key is wrapped under neither; a person must look. Do not retry.
    """
    ring = Keyring(new.master, new.index, new.cipher)
    with sessions() as session:
        kept = session.scalar(select(Setting.value).where(Setting.key == "keys"))
        if kept != key_mark(old.master, old.index):
            raise CannotStart("旧密钥与数据库不符，没有作任何改动。（not its keys）")
        if old.index != new.index and _strangers(session):
            raise Invalid("有经办人账号只登记了身份证号的检索值，请先重新登记，再更换检索密钥。")
    wrapped = _wrap(sessions, SealingKey(old.master), SealingKey(new.master, new.cipher))
    with sessions.begin() as session:
        indexed = _index(session, ring) if old.index != new.index else 0
        mark = key_mark(new.master, new.index)
        session.execute(update(Setting).where(Setting.key == "keys").values(value=mark))
    return Rotated(wrapped, indexed)


def _wrap(sessions: sessionmaker[Session], old: SealingKey, new: SealingKey) -> int:
    count, after = 0, UUID(int=0)
    while True:
        with sessions.begin() as session:
            rows = session.scalars(
                select(DataKey)
                .where(DataKey.id > after, DataKey.wrapped.is_not(None))
                .order_by(DataKey.id)
                .limit(AT_ONCE)
                .with_for_update()
            ).all()
            if not rows:
                return count
            for row in rows:
                wrapped = bytes(row.wrapped or b"")
                if not _is_done(new, wrapped):  # an interrupted rotation came this far before
                    row.wrapped = new.seal(_unwrapped(wrapped, old, new))
                    count += 1
            after = rows[-1].id


def _unwrapped(wrapped: bytes, old: SealingKey, new: SealingKey) -> bytes:
    try:
        return old.open(wrapped)
    except Unsealable:  # wrapped anew already, with another cipher than is wanted now
        return new.open(wrapped)


def _is_done(key: SealingKey, wrapped: bytes) -> bool:
    if cipher_of(wrapped) != key.cipher:
        return False
    try:
        key.open(wrapped)
    except Unsealable:
        return False
    return True


def _index(session: Session, ring: Keyring) -> int:
    """Work out everybody's index anew from the sealed number; who was erased keeps the old one."""
    rows = session.execute(
        select(Person, DataKey.wrapped)
        .join(DataKey, DataKey.id == Person.data_key_id)
        .where(DataKey.wrapped.is_not(None))
    ).all()
    for person, wrapped in rows:
        number = ring.unwrap(wrapped).open_text(bytes(person.id_no_sealed))
        fresh, before = ring.index(number), bytes(person.id_no_index)
        session.execute(
            update(Account).where(Account.identity_index == before).values(identity_index=fresh)
        )
        person.id_no_index = fresh
    session.execute(delete(RecoveryCode))  # kept by the old key's hash: none would fit again
    return len(rows)


def _strangers(session: Session) -> bool:
    """Whether an account is known by the index of somebody who is not on record."""
    known = select(Person.id_no_index)
    found = select(Account.id).where(
        Account.identity_index.is_not(None), Account.identity_index.not_in(known)
    )
    return session.scalar(found.limit(1)) is not None
