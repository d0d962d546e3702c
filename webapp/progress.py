"""How a case stands, in plain words for those it is about: what happens, where, until when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from engine.access import PUBLIC, Actor, may_work
from engine.item_states import FINAL
from engine.models import ServiceCall, WorkItem
from engine.packs.region import OUTSIDE
from engine.queries.case_page import CasePage, ItemLine
from webapp import words


@dataclass(frozen=True)
class Line:
    """One matter of a case.

    ``tone``: done | now | wait | you | stop. ``todo`` is what the reader has to do about it, and
    ``otherwise`` how it can be done without doing it online.
    """

    title: str
    tone: str
    says: str
    office: str = ""
    phone: str = ""
    since: datetime | None = None
    until: datetime | None = None
    provisional: bool = False
    reason: str = ""
    todo: WorkItem | None = None
    otherwise: str = ""


#: What an item's state means to a person: tone and sentence.
_STATES = {
    "awaiting_approval": ("wait", "等人社部门审批退休资格后开始。"),
    "to_push": ("now", "正在转给办理部门。"),
    "pushed": ("now", "已转给办理部门，等待接收。"),
    "accepted": ("now", "办理部门已接收。"),
    "in_progress": ("now", "办理部门正在办理，您不用做什么。"),
    "waiting_condition": ("wait", "还在等条件满足。满足后部门会自动继续，您不用重新申请。"),
    "waiting_person": ("you", "需要退休人员本人实名认证。"),
    "supplement": ("you", "办理部门需要补充材料，请按说明补充。"),
    "succeeded": ("done", "已办好。"),
    "sealed": ("done", "账户已封存。需要提取时可以另行办理。"),
    "failed": ("you", "没有办成，可以再次申请或放弃。"),
    "not_qualified": ("stop", "不符合办理条件。"),
    "self_service": ("stop", "请自行办理。"),
    "abandoned": ("stop", "已放弃办理。"),
    "lapsed": ("stop", "逾期没有认证，已取消。"),
    "ended": ("stop", "随本次申请结束，没有办理。"),
    "stuck": ("now", "系统遇到问题，工作人员正在处理，您不用做什么。"),
}


def public_progress(page: CasePage) -> list[Line]:
    """The lines for somebody who has not signed in: no reasons, which are about the person."""
    return [replace(line, reason="") for line in progress(page, PUBLIC)]


def progress(page: CasePage, actor: Actor) -> list[Line]:
    """The lines of a case: what is open outside the items first, then every item."""
    if page.case.status == "closed":
        return [*_ended(page, actor)] or list(_closing(page))
    items = {item.code for item in page.items}
    open_tasks = [task for task in page.tasks if task.state == "open"]
    lines = [_task_line(page, task, actor) for task in open_tasks if task.item not in items]
    lines += [_call_line(page, call) for call in page.calls if _is_open(call) and not call.item]
    if not lines and page.case.status == "running" and not _moving(page):
        lines += _waiting(page)
    lines += [
        _item_line(page, item, open_tasks, actor)
        for item in page.items
        if item.state != "not_selected"
    ]
    return lines or list(_closing(page))


def _ended(page: CasePage, actor: Actor) -> Iterator[Line]:
    """Every item of a case that is over; what was under way ended with it."""
    chosen = [item for item in page.items if item.state != "not_selected"]
    if chosen and all(item.state == "ended" for item in chosen):
        yield from _closing(page)
    for item in chosen:
        state = item.state if item.state in FINAL else "ended"
        yield _item_line(page, replace(item, state=state), [], actor)


def _is_open(call: ServiceCall) -> bool:
    return call.finished_at is None


def _moving(page: CasePage) -> bool:
    """Whether some item is being worked on, so that nothing else needs saying."""
    return any(item.state not in ("awaiting_approval", *FINAL) for item in page.items)


def _call_line(page: CasePage, call: ServiceCall) -> Line:
    agency = page.release.config.agencies.get(call.agency)
    return Line(
        call.title,
        "now",
        _call_says(call),
        office=agency.title if agency else "",
        phone=agency.phone if agency else "",
        since=call.created_at,
    )


def _call_says(call: ServiceCall) -> str:
    if call.state == "stuck":
        return _STATES["stuck"][1]
    if call.attempts and call.state in ("queued", "unknown"):
        return "部门的系统暂时没有回应，会自动重试。您的申请已经收到，不用重新提交。"
    return "正在向部门核验，一般很快完成，请稍后刷新。"


def _waiting(page: CasePage) -> Iterator[Line]:
    """What a case waits for when nobody has a task: the events its diagrams stand at."""
    for drawing in page.drawings:
        nodes = page.release.pack.processes[drawing.process].nodes
        for element in drawing.current:
            node = nodes.get(element)
            if node and node.kind == "intermediateCatchEvent":
                yield Line(
                    node.name,
                    "wait",
                    "收到后会自动继续，您不用做什么。",
                    since=page.case.started_at,
                )


def _task_line(page: CasePage, task: WorkItem, actor: Actor) -> Line:
    if may_work(actor, task):
        return Line(
            task.title,
            "you",
            "轮到您办理。",
            since=task.opened_at,
            until=task.due_at,
            todo=task,
            otherwise=otherwise(page, task),
        )
    if actor.kind == "public" and task.role in ("person", "unit"):
        return Line(
            task.title,
            "you",
            f"等{'您本人' if task.role == 'person' else '用人单位'}登录后办理。",
            since=task.opened_at,
            until=task.due_at,
            otherwise=otherwise(page, task),
        )
    office = page.offices.get(task.office or "")
    agency = office or page.release.config.agencies.get(task.agency or "")
    node = page.release.pack.processes[task.process].nodes.get(task.element)
    hint = node.properties.get("hint") if node else None
    return Line(
        task.title,
        "you" if hint else "now",
        hint or f"{words.ROLES.get(task.role, task.role)}正在办理，您不用做什么。",
        office=agency.title if agency else _lane(page, task),
        phone=(agency.phone if agency else "") or (page.counter.phone if page.counter else ""),
        since=task.opened_at,
        until=task.due_at,
        provisional=task.provisional,
    )


def otherwise(page: CasePage, task: WorkItem) -> str:
    """The way of a step without a screen: at a window, by telephone, by somebody else.

    What the retirees have to say themselves (``person``) nobody can say for them.
    """
    if page.counter is None:
        return ""
    where = page.counter.title + (f"（{page.counter.address}）" if page.counter.address else "")
    window = f"不方便网上办理的，也可以带身份证到{where}办理，电话 {page.counter.phone}。"
    if task.role == "person":
        return f"{window}这一步要您本人办；行动不便的，请家人打电话说明，由工作人员帮助办理。"
    return f"{window}可以委托他人，带双方身份证和委托书代办。"


def _lane(page: CasePage, task: WorkItem) -> str:
    """The lane a task is drawn in, for the offices: who does it, in the region's own words."""
    if task.role in OUTSIDE:
        return ""
    node = page.release.pack.processes[task.process].nodes.get(task.element)
    return (node.lane or "") if node else ""


def _item_line(page: CasePage, item: ItemLine, open_tasks: list[WorkItem], actor: Actor) -> Line:
    tone, says = _STATES.get(item.state, ("now", item.state_title))
    todo = next((t for t in open_tasks if t.item == item.code and may_work(actor, t)), None)
    if todo:
        tone, says = "you", f"需要您：{todo.title}。"
    elif tone == "you":
        tone = "wait"
    return Line(
        item.title,
        tone,
        says,
        office=item.agency,
        phone=item.phone,
        since=item.changed_at,
        until=todo.due_at if todo else item.due_at,
        provisional=item.provisional,
        reason=item.reason or "",
        todo=todo,
        otherwise=otherwise(page, todo) if todo else "",
    )


def _closing(page: CasePage) -> Iterator[Line]:
    if page.case.status == "closed":
        title = page.case.outcome_title or "已办结"
        yield Line(title, "done", "本次申请已结束。", since=page.case.closed_at)
    else:
        yield Line(
            "申请处理中", "now", "系统正在处理，请稍后刷新查看。", since=page.case.started_at
        )
