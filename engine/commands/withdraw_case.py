"""Taking an application back."""

from sqlalchemy import select

from engine.access import Actor, may_see
from engine.commands.deliver_message import deliver_message
from engine.errors import Conflict, NotFound
from engine.models import Case
from engine.queries.withdrawal import MESSAGE, withdrawal_key
from engine.runtime import Runtime


def withdraw_case(runtime: Runtime, case_no: str, actor: Actor) -> None:
    """Withdraw a case on behalf of its applicant, as long as it has not been approved.

    Repeating it is harmless: the case no longer waits, or waits for nothing new.

    Raises:
        NotFound: no such case, or not the actor's to see.
        Conflict: approved, closed or withdrawn already, or not the actor's application.
    """
    with runtime.reading() as session:
        case = session.scalar(select(Case).where(Case.no == case_no))
        if case is None or not may_see(actor, case):
            raise NotFound
        key = withdrawal_key(session, case_no, actor)
    if key is None:
        raise Conflict("该办件已审批或已办结，不能再撤回。")
    # the case number names the message: a second click delivers nothing
    if deliver_message(runtime, MESSAGE, key, f"withdraw {case_no}", actor) != "delivered":
        raise Conflict("该办件刚刚发生变化，请刷新后查看最新情况。")
