"""Keeping what was typed so far, without checking it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.access import Actor, may_work
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Case, DataKey, Draft, WorkItem
from engine.runtime import Runtime

MAX_FIELDS = 500


def save_draft(
    runtime: Runtime, work_item_id: UUID, answers: Mapping[str, Any], actor: Actor
) -> None:
    """Save answers as they are; they come back when the actor opens the task again.

    Raises:
        NotFound: no such task, or not the actor's.
        Conflict: the task is no longer open.
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
        if row[0].state != "open":
            raise Conflict("该环节已办理完成，草稿未保存。")
        sealed = runtime.keyring.unwrap(row[1]).seal_json(dict(answers))
        now = runtime.clock.now()
        session.execute(
            insert(Draft)
            .values(
                work_item_id=work_item_id,
                account_id=actor.account_id,
                answers_sealed=sealed,
                saved_at=now,
            )
            .on_conflict_do_update(
                index_elements=["work_item_id", "account_id"],
                set_={"answers_sealed": sealed, "saved_at": now},
            )
        )
