"""Going on with a case on another channel: at the window, or online again (JL-013, JL-053).

Number, data and drafts stay; only who enters the applicant's part changes.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import promises
from engine.access import WINDOW, Actor, may_see, may_serve
from engine.errors import Conflict, Forbidden, NotFound
from engine.models import Case, WorkItem
from engine.open_case import OpenCase
from engine.packs.region import Lane
from engine.runtime import Runtime
from engine.spiff.step import Wait

ONLINE = "网厅"


def bring_to_window(runtime: Runtime, case_no: str, actor: Actor) -> None:
    """Let the window enter what the applicant would have entered, for whoever stands there.

    Raises:
        NotFound: no such case, or not the actor's to see.
        Forbidden: the actor does not work at the window that the region names.
        Conflict: the applicant has nothing to do now, or the case is at the window already.
    """
    _change(runtime, case_no, actor, WINDOW, f"转到窗口办理，由{actor.name}受理")


def return_online(runtime: Runtime, case_no: str, actor: Actor) -> None:
    """Let the applicant go on online with what was begun at the window; likewise."""
    _change(runtime, case_no, actor, ONLINE, "改由申请人在网上继续办理")


def _change(runtime: Runtime, case_no: str, actor: Actor, channel: str, words: str) -> None:
    with runtime.transaction() as session:
        found = session.scalar(select(Case).where(Case.no == case_no))
        if found is None or not may_see(actor, found):
            raise NotFound
        case = OpenCase.lock(runtime, session, found.id, actor)
        case.require_running()
        if (case.case.channel == WINDOW) == (channel == WINDOW):
            raise Conflict(f"该办件已经在{channel}办理。")
        parts = _applicants_part(session, case)
        if not parts:
            raise Conflict("现在没有等申请人办理的环节，不用更换办理渠道。")
        if not may_serve(actor, case.case, {str(lane.window) for _, lane, _ in parts}):
            raise Forbidden
        before, case.case.channel = case.case.channel, channel
        for task, _, wait in parts:
            task.role = promises.role_of(case, wait) or task.role
            task.claimed_by = task.claimed_at = None
            task.revision += 1
        case.write_section("case", {**case.data["case"], "channel": channel})
        detail = {"section": "case", "version": case.data.version("case")}
        case.note("channel", f"{words}（原渠道：{before}）", detail=detail)
        case.save()


def _applicants_part(session: Session, case: OpenCase) -> list[tuple[WorkItem, Lane, Wait]]:
    """The open tasks in lanes that a window may work in, with their lanes and waits."""
    waits = {wait.token: wait for wait in case.instance.waits() if wait.kind == "user"}
    open_tasks = session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case.id, WorkItem.state == "open")
    )
    found = []
    for task in open_tasks:
        wait = waits.get(task.token)
        lane = promises.lane_of(case, wait) if wait else None
        if wait and lane and lane.window:
            found.append((task, lane, wait))
    return found
