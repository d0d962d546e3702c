"""Taking a list of persons out of the system: asking, deciding, downloading; all of it logged."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.clock import at, office_date
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.exports import Wanted, export_rules, may_approve
from engine.ids import new_id
from engine.models import Export, ExportEvent
from engine.runtime import Runtime
from engine.scope import beyond

LONGEST = 400


def take_out(runtime: Runtime, wanted: Wanted, actor: Actor) -> bool:
    """Write down that the actor takes a list out; ``False`` when it is not approved (yet).

    Units and persons take only what is their own; nobody has to agree to that.
    """
    rules = export_rules(runtime)
    needs = wanted.region in rules and actor.kind == "staff"
    with runtime.transaction() as session:
        allowed = _allowed(runtime, session, wanted, actor) if needs else None
        if needs and allowed is None:
            return False
        note = f"用途：{allowed.purpose}" if allowed else ""
        _log(runtime, session, wanted, actor, "downloaded", allowed, note)
    return True


def ask_export(runtime: Runtime, wanted: Wanted, purpose: str, actor: Actor) -> UUID:
    """Ask for a list, saying what for.

    Raises:
        Invalid: no purpose.
        Conflict: the actor's request for it is being looked at, or was approved and is valid.
    """
    if not 4 <= len(purpose) <= LONGEST:
        raise Invalid(errors={"purpose": f"请写明用途（4 至 {LONGEST} 字）。"})
    if actor.account_id is None:
        raise Forbidden
    with runtime.transaction() as session:
        waiting = session.scalar(_own(wanted, actor).where(Export.state == "waiting"))
        if waiting is not None or _allowed(runtime, session, wanted, actor):
            raise Conflict("这份名单已经申请过，正在审批或已经同意。")
        asked = Export(
            id=new_id(),
            region=wanted.region,
            offices=list(wanted.offices),
            kind=wanted.kind,
            ref=wanted.ref,
            title=wanted.title[:160],
            purpose=purpose,
            state="waiting",
            asked_by=actor.account_id,
            asked_name=actor.name,
            asked_at=runtime.clock.now(),
        )
        session.add(asked)
        session.flush()
        _log(runtime, session, wanted, actor, "asked", asked, f"用途：{purpose}")
        return asked.id


def decide_export(
    runtime: Runtime, export_id: UUID, agree: bool, reason: str, actor: Actor
) -> None:
    """Let a list out for some days, or not.

    Raises:
        NotFound: no such request, or not the actor's to decide.
        Conflict: the actor asked for it, or it was decided already.
        Invalid: refused without a reason.
    """
    rules = export_rules(runtime)
    with runtime.transaction() as session:
        asked = session.get(Export, export_id, with_for_update=True)
        if asked is None or not may_approve(rules, asked.region, asked.offices, actor):
            raise NotFound
        if asked.asked_by == actor.account_id:
            raise Conflict("自己申请的导出须由另一人审批。")
        if asked.state != "waiting":
            raise Conflict(f"该申请已由{asked.decided_name}审批。")
        if len(reason) > LONGEST or not (agree or reason):
            raise Invalid(errors={"reason": f"不同意的请写明理由（{LONGEST} 字以内）。"})
        now = runtime.clock.now()
        asked.state = "approved" if agree else "refused"
        asked.decided_by, asked.decided_name, asked.decided_at = actor.account_id, actor.name, now
        asked.reason = reason
        if agree:
            release = runtime.releases.active(session, asked.region, now)
            calendar = runtime.calendars[release.config.calendar]
            days = rules[asked.region].valid_working_days
            asked.valid_until = at(calendar.add_working_days(office_date(now), days)[0], 23, 59)
        whose = tuple(asked.offices)
        wanted = Wanted(asked.region, asked.kind, asked.ref, asked.title, whose)
        _log(runtime, session, wanted, actor, asked.state, asked, reason)


def _own(wanted: Wanted, actor: Actor) -> Select[Export]:
    return select(Export).where(
        Export.kind == wanted.kind,
        Export.ref == wanted.ref,
        Export.asked_by == actor.account_id,
    )


def _allowed(runtime: Runtime, session: Session, wanted: Wanted, actor: Actor) -> Export | None:
    """The approval that lets the actor take the list out now.

    Whoever has got rights for more offices since then asks again: the list has grown.
    """
    approved = Export.state == "approved", Export.offices == list(wanted.offices)
    return session.scalar(
        _own(wanted, actor)
        .where(*approved, Export.valid_until >= runtime.clock.now())
        .order_by(Export.id.desc())
        .limit(1)
    )


def _log(
    runtime: Runtime,
    session: Session,
    wanted: Wanted,
    actor: Actor,
    what: str,
    export: Export | None,
    note: str,
) -> None:
    event = ExportEvent(
        export_id=export.id if export else None,
        region=wanted.region,
        offices=list(wanted.offices),
        at=runtime.clock.now(),
        actor=actor.name,
        what=what,
        title=wanted.title[:160],
        note=note[:400],
    )
    with beyond(session):  # the region's log: applicants write into it and read none of it
        session.add(event)
