"""Naming the liaison of a department, from a day on."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from engine.access import Actor
from engine.clock import office_date
from engine.errors import Forbidden, Invalid, NotFound
from engine.identity import check_mobile
from engine.ids import new_id
from engine.liaisons import Department
from engine.models import Account, DataKey, Exchange, Letter, Liaison
from engine.runtime import Runtime


@dataclass(frozen=True)
class LiaisonFacts:
    """What is kept of a liaison; ``login`` is their own account, if they have one."""

    name: str
    phone: str = ""
    mobile: str = ""
    from_date: str = ""  # ISO date
    login: str = ""


def set_liaison(
    runtime: Runtime, region: str, department: Department, facts: LiaisonFacts, actor: Actor
) -> int:
    """Name a department's liaison; return how much that is open goes to them from that day on.

    Earlier ones are kept. Open letters and lists nobody signed for follow by themselves: they
    always go to whoever is the liaison today.

    Raises:
        Invalid: ``errors`` names the fields.
        Forbidden: the actor does not administer the region.
        NotFound: the region has no such department.
    """
    if not actor.holds("admin", region):
        raise Forbidden
    now = runtime.clock.now()
    with runtime.transaction() as session:
        config = runtime.releases.active(session, region, now).config
        known = config.agencies if department.scope == "agency" else config.offices
        if department.code not in known:
            raise NotFound
        mobile, day, errors = _checked(facts, office_date(now))
        account = session.scalar(
            select(Account.id).where(Account.login == facts.login, Account.kind == "staff")
        )
        if facts.login and account is None:
            errors["login"] = "没有这个工作人员账号，请核对登录名。"
        if errors:
            raise Invalid(errors=errors)
        key, wrapped = runtime.keyring.new_key()
        data_key = DataKey(id=new_id(), wrapped=wrapped)
        session.add(data_key)
        session.flush()
        session.add(
            Liaison(
                region=region,
                scope=department.scope,
                department=department.code,
                name=facts.name,
                phone=facts.phone,
                data_key_id=data_key.id,
                mobile_sealed=key.seal_text(mobile),
                account_id=account,
                from_date=day,
                set_at=now,
                set_by=actor.name,
            )
        )
        letters = select(func.count()).where(
            Letter.region == region,
            Letter.scope == department.scope,
            Letter.department == department.code,
            Letter.closed_at.is_(None),
        )
        lists = select(func.count()).where(
            Exchange.region == region,
            Exchange.agency == (department.code if department.scope == "agency" else ""),
            Exchange.received_by.is_(None),
        )
        return (session.scalar(letters) or 0) + (session.scalar(lists) or 0)


def _checked(facts: LiaisonFacts, today: date) -> tuple[str, date, dict[str, str]]:
    errors: dict[str, str] = {}
    if not 2 <= len(facts.name) <= 60 or not facts.name.isprintable():
        errors["name"] = "请填写联络员姓名（2 至 60 个字）。"
    if len(facts.phone) > 60:
        errors["phone"] = "不能超过 60 个字。"
    mobile, day = "", today
    try:
        mobile = check_mobile(facts.mobile)
    except Invalid as error:
        errors["mobile"] = error.message
    try:
        day = date.fromisoformat(facts.from_date)
        if day < today:
            errors["from_date"] = "不能早于今天；以前的联络员照原样保留。"
    except ValueError:
        errors["from_date"] = "请填写起始日期，例如 2027-05-20。"
    return mobile, day, errors
