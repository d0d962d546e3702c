"""账号: who may sign in, and with what rights."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.ids import new_id
from engine.models.base import Base


class Account(Base):
    """Somebody who may sign in: staff, a unit's operator (经办人), or a retiree.

    ``identity_index``: keyed hash of an operator's identity number, by which the identity platform
    is understood; a retiree is known by ``person_id``. ``verified``: how surely the platform knew
    a retiree when they last came from it; empty: not. ``barred``: ``region/process`` an operator
    is kept out of. ``temporary``: the password was given by somebody else and is to be changed.
    ``second_factor_at``: since when a second factor is asked for; empty: none was enrolled.
    """

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10))  # staff | unit | person
    office: Mapped[str] = mapped_column(String(80), default="")
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    unit_admin: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    barred: Mapped[list[str]] = mapped_column(
        ARRAY(String(121)), default=list, server_default=text("'{}'")
    )
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified: Mapped[str] = mapped_column(String(20), default="", server_default="")
    temporary: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    second_factor_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_account_unit", "unit_id"),
        Index("ix_account_person", "person_id"),
        Index(
            "uq_account_identity",
            "unit_id",
            "identity_index",
            unique=True,
            postgresql_where=text("identity_index is not null"),
        ),
    )


class AccountEvent(Base):
    """What was done to an account and by whom: opened, changed, disabled. Append-only."""

    __tablename__ = "account_event"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))  # the account's, then
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    __table_args__ = (Index(None, "account_id"), Index(None, "unit_id", "at"))


class SpentTicket(Base):
    """A ticket of the portal or of the identity platform that was used: none is used twice."""

    __tablename__ = "spent_ticket"
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    expires_at: Mapped[datetime]


class RoleGrant(Base):
    """An account holds a role in a region; with ``office``, only there and below it."""

    __tablename__ = "role_grant"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    office: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
