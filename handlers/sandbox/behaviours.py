"""The ways an agency can behave, and what it says in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from engine.operations import Operation
from handlers.envelope import Reply, Request, Status
from handlers.sandbox import results

Kind = Literal[
    "accept",
    "success",
    "wait",
    "refuse",
    "supplement",
    "condition",
    "duplicate",
    "late",
    "fail",
    "hang",
    "garbage",
    "reply",
]

#: What each way is called on the page. ``reply`` is for scripts: it gives the answer itself.
TITLES: Mapping[Kind, str] = {
    "accept": "先受理，稍后办结",
    "success": "当场办结",
    "wait": "只受理，由人工答复",
    "refuse": "不予办理",
    "supplement": "先要求补正，再办结",
    "condition": "先等待条件，再继续办结",
    "duplicate": "办结后重复反馈三次",
    "late": "不理会撤销，迟到反馈",
    "fail": "系统错误（HTTP 500）",
    "hang": "已受理，但迟迟不答复",
    "garbage": "已受理，但答复为乱码",
}

#: Operations answered at once; all others are accepted first.
AT_ONCE = frozenset({"police/household_check"})


@dataclass(frozen=True)
class Behaviour:
    """How to treat a request.

    Args:
        kind: one of ``TITLES``, or ``reply`` to answer at once with ``status``.
        reason_code: for a refusal; the operation's first one if left out.
        delay_seconds: until feedback is sent, by the case clock; the office's own if left out.
        business: fields of the business block to say instead of the plausible ones.
        status: for ``reply``.
        reason_text: for ``reply`` and refusals; the meaning of the code if left out.
    """

    kind: Kind
    reason_code: str | None = None
    delay_seconds: float | None = None
    business: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "SUCCESS"
    reason_text: str = ""


@dataclass(frozen=True)
class Plan:
    """What is said at once, and what is said later and when."""

    answer: Reply
    later: tuple[tuple[datetime, Reply], ...] = ()


#: Operations that a person has to confirm with a telephone.
BY_A_PERSON = frozenset({"identity/verify"})


def usual(operation: Operation, *, attended: bool = False) -> Behaviour:
    """How an agency behaves when nobody told it otherwise."""
    if attended and operation.code in BY_A_PERSON:
        return Behaviour("wait")
    return Behaviour("success" if operation.code in AT_ONCE else "accept")


def plan(
    behaviour: Behaviour, operation: Operation, request: Request, now: datetime, delay: timedelta
) -> Plan:
    """Work out what an agency that behaves like this says to a request, at once and later."""
    first, second = now + delay, now + 2 * delay
    say = partial(reply, operation, request)
    words: dict[str, Any] = {
        "business": behaviour.business,
        "reason_code": behaviour.reason_code,
        "reason_text": behaviour.reason_text,
    }
    if behaviour.kind == "refuse":
        words["reason_code"] = behaviour.reason_code or next(iter(operation.refusals))
    status: Status = "FAILED" if behaviour.kind == "refuse" else behaviour.status

    at_once = ("success", "reply", "refuse") if operation.code in AT_ONCE else ("success", "reply")
    if behaviour.kind in at_once:
        return Plan(say(now, status, **words))
    match behaviour.kind:
        case "wait":
            later = []
        case "duplicate":
            later = [(first, say(first, status, **words))] * 3
        case "supplement":
            notice = say(first, "SUPPLEMENT", reason_text="请补充：本人签字的申请表")
            later = [(first, notice), (second, say(second, status, **words))]
        case "condition":
            notice = say(first, "PENDING_CONDITION", reason_text="尚有一项条件未满足")
            met = say(second, status, condition_met_at=second, **words)
            later = [(first, notice), (second, met)]
        case _:
            later = [(first, say(first, status, **words))]
    return Plan(say(now, "ACCEPTED"), tuple(later))


def reply(
    operation: Operation,
    request: Request,
    at: datetime,
    status: Status,
    *,
    reason_code: str | None = None,
    reason_text: str = "",
    business: Mapping[str, Any] | None = None,
    condition_met_at: datetime | None = None,
) -> Reply:
    """Say something in an agency's way: its clerk, its telephone, a plausible business block."""
    block: Mapping[str, Any] = {}
    if status == "SUCCESS":
        block = results.success(operation, request, at)
        condition_met_at = condition_met_at or at
    elif status == "FAILED" and reason_code:
        block = results.refusal(operation, reason_code)
        reason_text = reason_text or operation.refusals.get(reason_code, "")
    return Reply(
        request_id=request.request_id,
        status=status,
        reason_code=reason_code,
        reason_text=reason_text,
        handled_by="" if status == "ACCEPTED" else "窗口经办员",
        handled_at=at,
        agency_tel="0431-00000000",
        condition_met_at=condition_met_at,
        business={**block, **(business or {})},
    )
