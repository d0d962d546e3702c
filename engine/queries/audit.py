"""Proving that the tables say what the process engine's state says.

Work items, calls, subscriptions and timers are projections of a case's waits, written in the same
transaction. This compares them; anything it finds is a defect of ours.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.history import verify
from engine.models import Case, ServiceCall, Subscription, Timer, WorkItem
from engine.open_case import OpenCase
from engine.runtime import Runtime


def audit(runtime: Runtime) -> list[str]:
    """Compare every case; return what does not fit, a sentence each."""
    with runtime.reading() as session:
        ids = session.scalars(select(Case.id).order_by(Case.id)).all()
    return [finding for case_id in ids for finding in audit_case(runtime, case_id)]


def audit_case(runtime: Runtime, case_id: UUID) -> list[str]:
    """Compare one case's state with its rows, and walk its history's hash chain."""
    with runtime.transaction() as session:
        opened = OpenCase.lock(runtime, session, case_id)
        waits = opened.instance.waits() if opened.case.status == "running" else ()
        kinds = {
            "user": _tokens(session, WorkItem, case_id, WorkItem.state == "open"),
            "call": _tokens(session, ServiceCall, case_id, ServiceCall.finished_at.is_(None)),
            "message": _tokens(session, Subscription, case_id, True),
            "timer": _timers(session, case_id),
        }
        findings = []
        for kind, rows in kinds.items():
            state = sorted(str(wait.token) for wait in waits if wait.kind == kind)
            if state != sorted(rows):
                findings.append(f"{opened.case.no}: {kind} waits {len(state)}, rows {len(rows)}")
        broken = verify(session, case_id)
        if broken is not None:
            findings.append(f"{broken.case_no}: history line {broken.seq}: {broken.message}")
        return findings


def _tokens(session: Session, table: type, case_id: UUID, live: object) -> Sequence[str]:
    query = select(table.token).where(table.case_id == case_id)  # type: ignore[attr-defined]
    if live is not True:
        query = query.where(live)  # type: ignore[arg-type]
    return [str(token) for token in session.scalars(query)]


def _timers(session: Session, case_id: UUID) -> Sequence[str]:
    return session.scalars(
        select(Timer.ref).where(
            Timer.case_id == case_id, Timer.kind == "bpmn", Timer.fired_at.is_(None)
        )
    ).all()
