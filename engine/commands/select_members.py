"""Finding whom a batch is about, and telling each of them something, once."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from engine import jobs
from engine.case_data import CaseData
from engine.errors import Invalid
from engine.file_record import open_file, work_out
from engine.ids import new_id
from engine.messages import KEEP_MESSAGE
from engine.models import (
    Case,
    DataKey,
    Member,
    MessageInbox,
    Person,
    PersonFile,
    ServiceCall,
    Subscription,
)
from engine.packs.region import Selection
from engine.packs.release import LoadedRelease
from engine.retention import is_kept
from engine.runtime import Runtime

Candidate = tuple[PersonFile, Case | None, CaseData]
#: Messages written with one statement.
CHUNK = 500


def select_members(runtime: Runtime, call_id: UUID, code: str) -> int:
    """Put on record whom the batch of a service call is about; return how many.

    Repeating it for the same batch changes nothing: who belongs to it was decided the first time.

    Args:
        call_id: the batch's call of ``platform/select``.
        code: a selection of the region's ``[selections]``.

    Raises:
        Invalid: the region has no such selection. Do not retry.
    """
    with runtime.transaction() as session:
        batch = _batch(session, call_id)
        known = _count(session, batch)
        if known:
            return known
        release = runtime.releases.get(session, batch.release_id)
        rule = release.config.selections.get(code)
        if rule is None:
            raise Invalid(f"region.toml 的 [selections] 中没有：{code}")
        candidates = (_files if rule.of == "files" else _cases)(runtime, session, batch, rule)
        chosen = [
            Member(
                batch_id=batch.id,
                position=0,
                file_id=file.id,
                case_id=case.id if case else None,
            )
            for file, case, data in candidates
            if _fits(runtime, release, rule, batch, data)
        ]
        for position, member in enumerate(chosen, 1):
            member.position = position
        session.add_all(chosen)
        return len(chosen)


def send_to_members(runtime: Runtime, call_id: UUID, message: str) -> int:
    """Send a message about every member of the batch of a service call; return how many.

    Each is named by batch, message and place in it, so that a repeat sends nothing twice.
    """
    with runtime.transaction() as session:
        batch = _batch(session, call_id)
        members = session.scalars(
            select(Member).where(Member.batch_id == batch.id).order_by(Member.position)
        ).all()
        now = runtime.clock.now()
        for start in range(0, len(members), CHUNK):
            rows = [
                {
                    "id": new_id(),
                    "message_id": f"{batch.no}/{message}/{member.position}",
                    "message": message,
                    "business_key": str(member.file_id),
                    "received_at": now,
                    "expires_at": now + KEEP_MESSAGE,
                    "state": "waiting",
                    "sender_id": batch.id,
                }
                for member in members[start : start + CHUNK]
            ]
            sent = session.scalars(
                insert(MessageInbox)
                .values(rows)
                .on_conflict_do_nothing()
                .returning(MessageInbox.id)
            ).all()
            runtime.queue.defer(session, jobs.DELIVER_WAITING, sent)
        return len(members)


def _batch(session: Session, call_id: UUID) -> Case:
    """The case of a call; its row is locked, so that two workers do not both choose members."""
    return session.scalars(
        select(Case)
        .join(ServiceCall, ServiceCall.case_id == Case.id)
        .where(ServiceCall.id == call_id)
        .with_for_update(of=Case)
    ).one()


def _count(session: Session, batch: Case) -> int:
    count = select(func.count()).select_from(Member).where(Member.batch_id == batch.id)
    return session.scalar(count) or 0


def _files(runtime: Runtime, session: Session, batch: Case, rule: Selection) -> Iterator[Candidate]:
    query = select(PersonFile).where(PersonFile.region == batch.region, is_kept())
    for file in session.scalars(query.order_by(PersonFile.id).execution_options(yield_per=CHUNK)):
        yield file, None, open_file(runtime, session, file)


def _cases(runtime: Runtime, session: Session, batch: Case, rule: Selection) -> Iterator[Candidate]:
    query = (
        select(Case, PersonFile, DataKey.wrapped)
        .join(Subscription, Subscription.case_id == Case.id)
        .join(PersonFile, PersonFile.id == Case.file_id)
        .join(Person, Person.id == PersonFile.person_id)
        .join(DataKey, DataKey.id == Person.data_key_id)
        .where(
            Case.region == batch.region,
            Case.process == rule.process,
            Case.status == "running",
            Subscription.message == rule.waits_for,
            Case.id.not_in(_gathered_already(batch)),
        )
        .order_by(Case.id)
    )
    for case, file, wrapped in session.execute(query.execution_options(yield_per=CHUNK)):
        key = runtime.keyring.unwrap(wrapped)
        yield file, case, CaseData.load(session, case.id, file.id, key)


def _gathered_already(batch: Case) -> Select[UUID | None]:
    """Cases that another batch of the same kind has gathered and not yet done with."""
    other = aliased(Case)
    return (
        select(Member.case_id)
        .join(other, other.id == Member.batch_id)
        .where(
            Member.case_id.is_not(None),
            other.process == batch.process,
            other.status == "running",
            other.id != batch.id,
        )
    )


def _fits(
    runtime: Runtime, release: LoadedRelease, rule: Selection, batch: Case, data: CaseData
) -> bool:
    own: Mapping[str, Any] = {
        "no": batch.no,
        "started_at": batch.started_at.isoformat(),
        "office": batch.office,
    }
    data.know("batch", lambda: own)
    return bool(work_out(runtime, release, rule.when, data))
