"""Wrapping everybody's key under a new master key, and searching under a new index key."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from engine.ciphers import AES, cipher_of
from engine.database import key_mark
from engine.errors import CannotStart, Invalid
from engine.models import (
    Account,
    AccountEvent,
    DataKey,
    Person,
    RecoveryCode,
    Setting,
    Unit,
)
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
    """How many keys were wrapped anew, how many people are found under the new index key.

    ``forgotten``: operators the identity platform does not lead to any more, by name and unit.
    """

    wrapped: int
    indexed: int
    forgotten: tuple[str, ...] = ()


def rotate_keys(
    sessions: sessionmaker[Session], old: Keys, new: Keys, *, drop_unknown: bool = False
) -> Rotated:
    """Make ``new`` the keys of the database. Nobody else may be at work meanwhile.

    What is sealed under the data keys stays as it is: histories are hashed over it.

    Data keys are wrapped anew a batch at a time; the indexes and the mark by which a start knows
    its keys follow in one last transaction. When interrupted, the old keys are still those of the
    database: call it again with the same two, and it goes on.

    Args:
        drop_unknown: forget the index of operators whose number is not on record, so that no new
            one can be worked out. They keep their password, if they have one; for the identity
            platform their unit's administrator sets them up again.

    Raises:
        CannotStart: ``old`` are not the keys of this database; nothing was changed.
        Invalid: there are such operators, and they are not to be forgotten; it names them, and
            nothing was changed.
        Unsealable: a data key is wrapped under neither; a person must look. Do not retry.
    """
    ring = Keyring(new.master, new.index, new.cipher)
    with sessions() as session:
        kept = session.scalar(select(Setting.value).where(Setting.key == "keys"))
        if kept != key_mark(old.master, old.index):
            raise CannotStart("旧密钥与数据库不符，没有作任何改动。（not its keys）")
        strangers = _strangers(session) if old.index != new.index else []
        if strangers and not drop_unknown:
            raise Invalid(
                f"没有作任何改动：{len(strangers)} 个经办人只登记了身份证号的检索值，换检索密钥后"
                f"不能再从平台登录：{'、'.join(name for _, name in strangers)}。"
                "同意由本单位管理员重新设立的，加上 --drop-unknown。"
            )
    wrapped = _wrap(sessions, SealingKey(old.master), SealingKey(new.master, new.cipher))
    with sessions.begin() as session:
        for account, _ in strangers:
            _forget(session, account)
        indexed = _index(session, ring) if old.index != new.index else 0
        mark = key_mark(new.master, new.index)
        session.execute(update(Setting).where(Setting.key == "keys").values(value=mark))
    return Rotated(wrapped, indexed, tuple(name for _, name in strangers))


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


def _strangers(session: Session) -> list[tuple[Account, str]]:
    """The accounts known by the index of somebody who is not on record, and what to call them."""
    known = select(Person.id_no_index)
    rows = session.execute(
        select(Account, Unit.name)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .where(Account.identity_index.is_not(None), Account.identity_index.not_in(known))
        .order_by(Unit.name, Account.name)
    )
    return [(account, f"{account.name}（{unit or account.login}）") for account, unit in rows]


def _forget(session: Session, account: Account) -> None:
    account = session.merge(account)
    account.identity_index = None
    session.add(
        AccountEvent(
            account_id=account.id,
            unit_id=account.unit_id,
            at=func.now(),
            kind="forgotten",
            by="命令行",
            title=f"更换检索密钥，{account.name}须由本单位管理员重新设立才能从平台登录",
        )
    )
