"""Making the account of a custody institution (档案托管机构) whose request was approved."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.accounts import NO_PASSWORD
from engine.errors import AgencyRefused
from engine.identity import check_id_no, check_uscc
from engine.ids import new_id
from engine.models import Account, PersonFile, Unit
from engine.operators import note
from engine.runtime import Runtime

TAKEN = "TAKEN"


def _may_keep_archives(session: Session, unit: Unit) -> bool:
    """A custody institution already, or one on record only because somebody signed in for it."""
    if unit.kind == "custodian":
        return True
    people = select(PersonFile.id).where(PersonFile.unit_id == unit.id).limit(1)
    return session.scalar(people) is None and unit.parent_id is None


def open_custodian(
    runtime: Runtime, name: str, uscc: str, admin_name: str, admin_id_no: str, case_no: str
) -> str:
    """Put the institution on record with its administrator's account; return its name (JLG-005).

    The administrator comes in through the identity platform, known by the identity number, of
    which a keyed hash is kept. Repeating this is harmless.

    Args:
        case_no: the request that was approved, for the log of accounts.

    Raises:
        AgencyRefused: the code is on record as another unit's (``TAKEN``).
    """
    uscc, id_no = check_uscc(uscc), check_id_no(admin_id_no)
    with runtime.transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(uscc, 2))))
        unit = session.scalar(select(Unit).where(Unit.uscc == uscc))
        if unit is None:
            unit = Unit(id=new_id(), name=name, uscc=uscc, kind="custodian")
            session.add(unit)
            session.flush()
        elif unit.name != name or not _may_keep_archives(session, unit):
            raise AgencyRefused(TAKEN, f"该代码已登记为“{unit.name}”。")
        unit.kind = "custodian"
        index = runtime.keyring.index(id_no)
        known = session.scalar(
            select(Account).where(Account.unit_id == unit.id, Account.identity_index == index)
        )
        if known is None:
            ident = new_id()
            account = Account(
                id=ident,
                login=f"id-{ident.hex}",
                name=admin_name,
                password_hash=NO_PASSWORD,
                kind="unit",
                unit_id=unit.id,
                unit_admin=True,
                identity_index=index,
            )
            session.add(account)
            session.flush()
            title = f"经审核开户，管理员{admin_name}（办件{case_no}）"
            note(runtime, session, account, "opened", "预审人社部门", title)
        return unit.name
