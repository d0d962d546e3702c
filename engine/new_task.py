"""待办: a work item as it is put before people, whether the diagram or an agency's desk asks."""

from typing import TYPE_CHECKING, Any

from engine.models import Deadline, WorkItem

if TYPE_CHECKING:
    from engine.open_case import OpenCase


def new_task(case: "OpenCase", promise: Deadline | None, **facts: Any) -> WorkItem:
    """Return an open work item of a case, for ``case.changes``.

    Args:
        promise: the clock that runs for it, if one does.
        facts: what tells it from the case's other tasks: ``token``, ``kind``, ``role``,
            ``office``, ``agency``, ``process``, ``element``, ``title``, ``form``, ``section``,
            ``item`` and, at an agency's desk, ``call_id``.
    """
    return WorkItem(
        case_id=case.case.id,
        region=case.case.region,
        case_process=case.case.process,
        case_no=case.case.no,
        subject=case.case.subject,
        unit_id=case.case.unit_id,
        file_id=case.case.file_id,
        state="open",
        opened_at=case.now,
        due_at=promise.shown_at if promise else None,
        provisional=promise.provisional if promise else False,
        stage=case.stage_of(facts["process"], facts["element"]),
        priority=case.priority,
        revision=0,
        **facts,
    )
