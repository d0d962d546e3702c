"""Keeping what was typed so far, without checking it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.access import Actor, may_work
from engine.clock import office_date
from engine.covers import at_whose_desk
from engine.errors import AlreadyClaimed, Conflict, Invalid, NotFound, StaleRevision
from engine.models import Case, DataKey, Draft, WorkItem
from engine.runtime import Runtime

MAX_FIELDS = 500


def save_draft(
    runtime: Runtime,
    work_item_id: UUID,
    answers: Mapping[str, Any],
    actor: Actor,
    revision: int | None = None,
) -> datetime:
    """Save answers as they are; they come back when the actor opens the task again.

    Args:
        work_item_id: the task.
        answers: JSON object keyed by field.
        revision: the task's revision when the page was opened that saves by itself: an old page
            must not write over what a newer one saved. ``None``: a person asked for it.

    Returns:
        When it was saved.

    Raises:
        NotFound: no such task, or not the actor's.
        Invalid: more fields than any form has.
        StaleRevision: the task changed since the page was opened.
        Conflict: the task is no longer open, or a colleague's by now.
    """
    if len(answers) > MAX_FIELDS:
        raise Invalid("暂存的内容过多。")
    with runtime.transaction() as session:
        row = session.execute(
            select(WorkItem, DataKey.wrapped)
            .join(Case, Case.id == WorkItem.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(WorkItem.id == work_item_id)
        ).one_or_none()
        if row is None or not may_work(actor, row[0]) or actor.account_id is None:
            raise NotFound
        now = runtime.clock.now()
        owner = at_whose_desk(session, row[0], actor, office_date(now))
        _require_current(row[0], owner, revision)
        kept = {
            "answers_sealed": runtime.keyring.unwrap(row[1]).seal_json(dict(answers)),
            "saved_at": now,
        }
        session.execute(
            insert(Draft)
            .values(work_item_id=work_item_id, account_id=owner, **kept)
            .on_conflict_do_update(index_elements=["work_item_id", "account_id"], set_=kept)
        )
        return now


def _require_current(task: WorkItem, owner: UUID | None, revision: int | None) -> None:
    if task.state == "cancelled":
        raise Conflict("该环节已取消，无需办理。")
    if task.state == "done":
        raise Conflict("该环节已办理完成，草稿未保存。")
    if task.claimed_by is not None and task.claimed_by != owner:
        raise AlreadyClaimed
    if revision is not None and task.revision != revision:
        raise StaleRevision
