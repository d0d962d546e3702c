"""Entering an agency's answer for it: at its desk, or from a roster that came back.

What is entered is kept as an answer like any other, in the same envelope, and goes the same way
from there (``finish_service_call``). One the case cannot take is refused before it is kept.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import delete

from engine.clock import office_date
from engine.commands.finish_service_call import apply_answer
from engine.commands.store_feedback import keep_answer
from engine.errors import Invalid
from engine.forms import clean
from engine.models import Draft, ServiceCall, WorkItem
from engine.open_case import OpenCase
from engine.operation_forms import OUTCOMES, reply_form, reply_of

CHANNELS: Mapping[str, str] = {"manual": "登记部门答复", "file": "名册反馈"}


def enter_reply(
    case: OpenCase,
    call: ServiceCall,
    answers: Mapping[str, Any],
    channel: Literal["manual", "file"],
) -> str:
    """Check, keep and apply an answer in the caller's transaction, which saves the case.

    Args:
        answers: of ``reply_form``, JSON.

    Returns:
        ``applied``, ``noted``, ``duplicate`` or ``late``, as ``finish_service_call`` does.

    Raises:
        Invalid: ``errors`` names the fields. The transaction must be given up.
    """
    operation = case.runtime.operations.get(call.operation)
    if answers.get("outcome") == "SUCCESS":  # so that every missing field is named
        answers = {"business": {}, **answers}
    content = clean(reply_form(operation), answers, {}, office_date(case.now))
    envelope, result = reply_of(operation, call.id, content, case.now)
    raw = json.dumps(envelope, ensure_ascii=False).encode()
    feedback = keep_answer(case.session, case.key, call.id, raw, channel, case.now)
    before = _version(case, call)
    feedback.state = apply_answer(case, call, result)
    if call.state == "stuck":
        message = "办件流程没有为这一情形安排后续环节，不能这样登记；请与流程设计人员联系"
        raise Invalid(errors={"reason_code" if result.reason_code else "outcome": message})
    if feedback.state in ("duplicate", "late"):
        return feedback.state
    detail: dict[str, Any] = {"outcome": result.status, "channel": channel}
    if (written := _version(case, call)) != before:
        detail |= {"section": call.section, "version": written}
    title = f"{call.title}：{CHANNELS[channel]}“{OUTCOMES[result.status]}”"
    case.note("entered", title, element=call.element, item=call.item, detail=detail)
    return feedback.state


def close_desk(case: OpenCase, task: WorkItem) -> None:
    """The work item of a call that has its last answer is done, by whoever entered it."""
    task.state, task.closed_at, task.closed_by = "done", case.now, case.actor.account_id
    case.session.execute(delete(Draft).where(Draft.work_item_id == task.id))


def _version(case: OpenCase, call: ServiceCall) -> int:
    section = call.section
    return case.data.version(section) if section and section in case.data else 0
