"""Coming in through the unified identity platform: from what it says of somebody to an account.

Source: JL-026, JLG-006 … JLG-009, JLG-013, JLG-014.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.accounts import NO_PASSWORD, UNITS
from engine.errors import Forbidden, Invalid
from engine.identity import check_id_no, check_mobile, check_uscc
from engine.ids import new_id
from engine.models import Account, DataKey, Person, Unit
from engine.operators import note
from engine.people import ensure_person
from engine.runtime import Runtime
from engine.scope import beyond

PLATFORM = "统一身份认证平台"
_DISABLED = "您的账号已停用，不能登录。如有疑问，请联系本单位管理员或经办窗口。"


@dataclass(frozen=True)
class Citizen:
    """A person as the platform knows them; ``verified`` is the level, empty if not verified."""

    name: str
    id_no: str
    mobile: str = ""
    verified: str = ""


@dataclass(frozen=True)
class Official:
    """Somebody who acts for a legal person; ``admin``: its representative or administrator."""

    unit: str
    uscc: str
    name: str
    id_no: str
    admin: bool = False


def enter_as_person(runtime: Runtime, citizen: Citizen) -> UUID:
    """Return the account of a person; the first time it is made. Mobile and level are taken.

    Raises:
        Invalid: the number or name is none. Do not retry.
        Forbidden: the account was disabled, or the number is on record under another name.
    """
    id_no = check_id_no(citizen.id_no)
    _require_name(citizen.name)
    with runtime.transaction() as session:
        _alone(session, id_no)
        facts = {"name": citizen.name, "id_no": id_no}
        with beyond(session):  # nobody has come in yet
            person = ensure_person(runtime, session, facts)
            if person.name != citizen.name:
                raise Forbidden("平台返回的姓名与我们登记的不一致，请携带身份证到经办窗口核对。")
            _take_mobile(runtime, session, person, citizen.mobile)
        account = _of_person(runtime, session, person)
        account.verified = citizen.verified[:20]
        return account.id


def enter_for_unit(runtime: Runtime, official: Official) -> UUID:
    """Return the account of somebody who acts for a unit.

    Its administrator's account, and the unit if it is not on record, are made the first time; an
    operator must have been set up before by the administrator, in the unit or in one below it.

    Raises:
        Invalid: a code or number is none. Do not retry.
        Forbidden: not an operator of the unit, disabled, or the unit is insured under another's
            account and cannot be the authenticated subject itself.
    """
    uscc, id_no = check_uscc(official.uscc), check_id_no(official.id_no)
    _require_name(official.name)
    with runtime.transaction() as session:
        _alone(session, uscc)
        unit = _unit(session, official, uscc)
        index = runtime.keyring.index(id_no)
        account = _of_official(session, unit, index)
        if account is None:
            if not official.admin:
                raise Forbidden(
                    f"您还不是“{unit.name}”的经办人，请联系本单位管理员在“经办人”页面设立。"
                )
            account = _new_account(session, official.name, "unit", unit_id=unit.id)
            account.identity_index, account.unit_admin = index, True
            title = f"首次登录，建立{unit.name}的管理员账号"
            note(runtime, session, account, "opened", PLATFORM, title)
        if not account.active:
            raise Forbidden(_DISABLED)
        if official.admin and account.unit_id == unit.id and not account.unit_admin:
            account.unit_admin = True
            note(runtime, session, account, "admin", PLATFORM, f"{account.name}成为单位管理员")
        return account.id


def _require_name(name: str) -> None:
    if not 2 <= len(name) <= 60 or not name.isprintable():
        raise Invalid("平台返回的姓名无法使用。")


def _alone(session: Session, number: str) -> None:
    """Of two first sign-ins at the same moment the second waits for the first."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 2))))


def _take_mobile(runtime: Runtime, session: Session, person: Person, mobile: str) -> None:
    try:
        mobile = check_mobile(mobile)
    except Invalid:
        return  # a landline, or none: what we have stays
    wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == person.data_key_id))
    key = runtime.keyring.unwrap(wrapped)
    known = key.open_text(bytes(person.mobile_sealed)) if person.mobile_sealed else ""
    if known != mobile:
        person.mobile_sealed = key.seal_text(mobile)


def _of_person(runtime: Runtime, session: Session, person: Person) -> Account:
    own = session.scalars(
        select(Account)
        .where(Account.person_id == person.id, Account.kind == "person")
        .order_by(Account.active.desc(), Account.id)
    ).first()
    if own is None:
        own = _new_account(session, person.name, "person", person_id=person.id)
        note(runtime, session, own, "opened", PLATFORM, "首次登录，建立个人账号")
    if not own.active:
        raise Forbidden(_DISABLED)
    return own


def _unit(session: Session, official: Official, uscc: str) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.uscc == uscc))
    if unit is None:
        if not official.admin:
            raise Forbidden("该单位还没有登录过，请先由单位管理员登录并设立经办人。")
        unit = Unit(id=new_id(), name=official.unit[:120], uscc=uscc)
        session.add(unit)
        session.flush()
    if not unit.own_account and unit.parent_id is not None:
        group = session.get_one(Unit, unit.parent_id)
        raise Forbidden(
            f"“{unit.name}”参加“{group.name}”的养老保险账户，"
            f"请以“{group.name}”登录，或请其管理员将您设为经办人。"
        )
    return unit


def _of_official(session: Session, unit: Unit, index: bytes) -> Account | None:
    """The account of an operator in the unit or, for a group, in a unit below it (JLG-008)."""
    units = [row.id for row in session.execute(UNITS, {"unit": unit.id})]
    found = session.scalars(
        select(Account).where(Account.unit_id.in_(units), Account.identity_index == index)
    ).all()
    return min(found, key=lambda one: (not one.active, units.index(one.unit_id)), default=None)


def _new_account(session: Session, name: str, kind: str, **whose: UUID) -> Account:
    """An account without a password: nobody but the platform opens it. Its login says nothing."""
    ident = new_id()
    account = Account(
        id=ident, login=f"id-{ident.hex}", name=name, password_hash=NO_PASSWORD, kind=kind, **whose
    )
    session.add(account)
    session.flush()
    return account
