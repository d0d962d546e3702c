"""登录: who is signed in where, who failed lately, second factors and keys for programs.

Instants here are PostgreSQL's own (``now()``): they speak about the wire and are the same for every
process. The demonstration's clock, which can be moved by a month, signs nobody out.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class SignInSession(Base):
    """A browser somebody is signed in with. Gone, ended or revoked: a stranger at once.

    ``id``: SHA-256 of the random token in the browser's cookie, so that who reads the table cannot
    act as anybody. ``origin``: ``password``, or ``identity/<region>``. ``seen_at`` is written at
    most once a minute. ``waiting``: the password was right, the second factor is still to come; it
    opens nothing else. ``address``: shortened, enough to know one's own office by.
    """

    __tablename__ = "sign_in_session"
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    origin: Mapped[str] = mapped_column(String(60))
    device: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))
    begun_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime]
    waiting: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    second_factor_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "account_id"), Index(None, "ends_at"))


class Tries(Base):
    """How often something was tried within a window: counted here for all processes together.

    ``key``: keyed hash of the login, address or account. What was typed is kept nowhere.
    """

    __tablename__ = "tries"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime]
    __table_args__ = (Index(None, "ends_at"),)


class SecondFactor(Base):
    """The secret a telephone shares with us (RFC 6238), sealed.

    It counts once ``account.second_factor_at`` is set. ``last_step``: the newest half minute of
    which a code was taken; none of it or before it is taken again. ``session_id``: where it was
    begun; until it is enrolled no other session sees the secret.
    """

    __tablename__ = "second_factor"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"))
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))


class RecoveryCode(Base):
    """A code that stands in for the telephone once; kept as a keyed hash, deleted when used."""

    __tablename__ = "recovery_code"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class ApiKey(Base):
    """What a program sends instead of a password: random, kept as its SHA-256, ends by itself."""

    __tablename__ = "api_key"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    title: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "account_id"),)
