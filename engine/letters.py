"""督办件: what a department's liaison is sent: overdue, returned, failed (ZY-066)."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from engine.clock import office_date
from engine.ids import new_id
from engine.liaisons import Department, liaison_of
from engine.models import Letter, ServiceCall, WorkItem
from engine.packs.region import OUTSIDE

if TYPE_CHECKING:
    from engine.open_case import OpenCase

KINDS = {"overdue": "超期", "returned": "退回", "failed": "推送失败"}


def send(case: "OpenCase", department: Department | None, kind: str, title: str) -> None:
    """Send a letter about this case to a department's liaison; nothing if there is no department.

    Args:
        kind: ``overdue``, ``returned`` or ``failed``.
    """
    if department is None:
        return
    region = case.case.region
    to = liaison_of(case.session, region, department, office_date(case.now))
    case.changes.add(
        Letter(
            id=new_id(),
            region=region,
            scope=department.scope,
            department=department.code,
            kind=kind,
            title=title[:160],
            case_id=case.case.id,
            case_no=case.case.no,
            subject=case.case.subject,
            sent_at=case.now,
        )
    )
    who = f"联络员{to.name}" if to.name else "联络员（尚未指定）"
    case.note("letter", f"已送{title_of(case, department)}{who}：{title}")


def department_at(case: "OpenCase", token: UUID) -> Department | None:
    """Whose work a wait is: the office of its task, or the agency of its task or call."""
    task = case.session.scalar(
        select(WorkItem).where(WorkItem.token == token, WorkItem.state == "open")
    )
    if task is not None:
        if task.role in OUTSIDE:
            return None
        return department_of(task.office, task.agency)
    agency = case.session.scalar(select(ServiceCall.agency).where(ServiceCall.token == token))
    return Department("agency", agency) if agency else None


def department_of(office: str | None, agency: str | None) -> Department | None:
    """The department of a task: its office, else its agency."""
    if office:
        return Department("office", office)
    return Department("agency", agency) if agency else None


def title_of(case: "OpenCase", department: Department) -> str:
    """What the region's file calls a department."""
    known = case.config.agencies if department.scope == "agency" else case.config.offices
    found = known.get(department.code)
    return found.title if found else department.code
