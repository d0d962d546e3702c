"""导出审批: what somebody asked for, what waits for their decision, and who took what out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from engine.access import Actor
from engine.exports import export_rules, may_approve
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
    mine = _approved_by(runtime, actor)
    watched = mine | {grant.region for grant in actor.grants if grant.role == "admin"}
    with runtime.reading() as session:
        own = session.scalars(
            select(Export)
            .where(Export.asked_by == actor.account_id)
            .order_by(Export.id.desc())
            .limit(MOST_SHOWN)
        ).all()
        waiting = session.scalars(
            select(Export)
            .where(Export.region.in_(sorted(mine)), Export.state == "waiting")
            .order_by(Export.id)
            .limit(MOST_SHOWN)
        ).all()
        log = session.scalars(
            select(ExportEvent)
            .where(ExportEvent.region.in_(sorted(watched)))
            .order_by(ExportEvent.id.desc())
            .limit(MOST_SHOWN)
        ).all()
    return ExportPage(own, waiting, log, bool(watched))


def count_exports(runtime: Runtime, actor: Actor) -> int | None:
    """How many wait for the actor's decision; ``None`` for whoever has nothing to do with it."""
    mine = _approved_by(runtime, actor)
    with runtime.reading() as session:
        waiting = Export.region.in_(sorted(mine)) & (Export.state == "waiting")
        concerned, number = session.execute(
            select(
                func.count(),
                func.count().filter(waiting, Export.asked_by != actor.account_id),
            ).where(or_(waiting, Export.asked_by == actor.account_id))
        ).one()
    return number if concerned or mine or actor.is_admin else None


def _approved_by(runtime: Runtime, actor: Actor) -> set[str]:
    rules = export_rules(runtime)
    return {region for region in rules if may_approve(rules, region, actor)}
