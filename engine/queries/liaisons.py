"""联络员: the departments of a region with whoever takes their hand-overs, and who did before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from engine.access import Actor
from engine.administered import administered
from engine.clock import office_date
from engine.identity import mask_mobile
from engine.liaisons import NOBODY, Addressee, Department, liaisons_of
from engine.models import Account, DataKey, Liaison
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class LiaisonLine:
    """A department and its liaison today; ``mobile`` is masked."""

    region: str
    department: Department
    title: str
    to: Addressee
    mobile: str


@dataclass(frozen=True)
class Named:
    """One who was, is or will be the liaison; ``mobile`` is masked."""

    row: Liaison
    mobile: str
    login: str


@dataclass(frozen=True)
class LiaisonPage:
    """A department with everybody ever named for it, the latest first."""

    line: LiaisonLine
    named: Sequence[Named]


def liaisons(runtime: Runtime, actor: Actor) -> list[LiaisonLine]:
    """List the departments of the regions the actor administers."""
    own = administered(actor)
    today = office_date(runtime.clock.now())
    lines = []
    for config in (one.config for one in active_releases(runtime)):
        if config.code not in own:
            continue
        with runtime.reading() as session:
            known = liaisons_of(session, config.code, today)
        titles = {Department("agency", code): one.title for code, one in config.agencies.items()}
        titles |= {Department("office", code): one.title for code, one in config.offices.items()}
        titles.pop(Department("agency", "platform"), None)
        for department, title in titles.items():
            to = known.get(department, NOBODY)
            mobile = _mobile(runtime, to.row) if to.row else ""
            lines.append(LiaisonLine(config.code, department, title, to, mobile))
    return lines


def liaison_page(
    runtime: Runtime, region: str, department: Department, actor: Actor
) -> LiaisonPage | None:
    """One department; ``None`` when there is none, or it is not the actor's to administer."""
    for line in liaisons(runtime, actor):
        if (line.region, line.department) == (region, department):
            break
    else:
        return None
    with runtime.reading() as session:
        rows = session.execute(
            select(Liaison, Account.login)
            .outerjoin(Account, Account.id == Liaison.account_id)
            .where(
                Liaison.region == region,
                Liaison.scope == department.scope,
                Liaison.department == department.code,
            )
            .order_by(Liaison.from_date.desc(), Liaison.set_at.desc())
        ).all()
    return LiaisonPage(
        line, [Named(row, _mobile(runtime, row), login or "") for row, login in rows]
    )


def _mobile(runtime: Runtime, row: Liaison) -> str:
    with runtime.reading() as session:
        wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == row.data_key_id))
    return mask_mobile(runtime.keyring.unwrap(wrapped).open_text(bytes(row.mobile_sealed)))
