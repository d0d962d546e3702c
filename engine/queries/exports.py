"""导出审批: what somebody asked for, what waits for their decision, and who took what out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from engine.access import Actor
from engine.administered import administered
from engine.exports import export_rules
from engine.models import Export, ExportEvent
from engine.runtime import Runtime

MOST_SHOWN = 100


@dataclass(frozen=True)
class ExportPage:
    """``own``: what the actor asked for; ``waiting``: what others did; ``log``: of approvers."""

    own: Sequence[Export]
    waiting: Sequence[Export]
    log: Sequence[ExportEvent]
    approver: bool


def export_page(runtime: Runtime, actor: Actor) -> ExportPage:
    """Everything about lists taken out that concerns the actor, newest first."""
    rules = {region: rule.approvers for region, rule in export_rules(runtime).items()}
    mine = _of(actor, rules, Export)
    everywhere = dict.fromkeys(administered(actor), ("admin",))
    watched = or_(_of(actor, rules, ExportEvent), _of(actor, everywhere, ExportEvent))
    with runtime.reading() as session:
        own = session.scalars(
            select(Export)
            .where(Export.asked_by == actor.account_id)
            .order_by(Export.id.desc())
            .limit(MOST_SHOWN)
        ).all()
        waiting = session.scalars(
            select(Export)
            .where(mine, Export.state == "waiting")
            .order_by(Export.id)
            .limit(MOST_SHOWN)
        ).all()
        log = session.scalars(
            select(ExportEvent).where(watched).order_by(ExportEvent.id.desc()).limit(MOST_SHOWN)
        ).all()
    approver = bool(everywhere) or _approves(actor, rules)
    return ExportPage(own, waiting, log, approver)


def count_exports(runtime: Runtime, actor: Actor) -> int | None:
    """How many wait for the actor's decision; ``None`` for whoever has nothing to do with it."""
    rules = {region: rule.approvers for region, rule in export_rules(runtime).items()}
    with runtime.reading() as session:
        waiting = _of(actor, rules, Export) & (Export.state == "waiting")
        concerned, number = session.execute(
            select(
                func.count(),
                func.count().filter(waiting, Export.asked_by != actor.account_id),
            ).where(or_(waiting, Export.asked_by == actor.account_id))
        ).one()
    return number if concerned or actor.is_admin or _approves(actor, rules) else None


def _approves(actor: Actor, rules: Mapping[str, Collection[str]]) -> bool:
    return any(actor.serves(roles, region) for region, roles in rules.items())


def _of(
    actor: Actor, rules: Mapping[str, Collection[str]], table: type[Export] | type[ExportEvent]
) -> ColumnElement[bool]:
    """``may_approve`` as a condition: lists of the offices for which a role is held."""
    found: list[ColumnElement[bool]] = []
    for region, roles in rules.items():
        own = actor.offices(roles, region)
        within = and_(table.offices != [], table.offices.contained_by(sorted(own)))
        found.append(and_(table.region == region, *([] if "" in own else [within])))
    return or_(false(), *found)
