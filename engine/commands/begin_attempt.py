"""Taking a service call to try it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from engine.call_files import CallFile, files_of_call
from engine.commands.hand_over import hand_over
from engine.models import (
    AgencySetting,
    Case,
    DataKey,
    Person,
    PersonFile,
    ServiceAttempt,
    ServiceCall,
)
from engine.runtime import Runtime

#: The agency code of the platform itself: what it is asked, a worker does on the spot.
PLATFORM = "platform"
#: Ways on which a worker gets an answer; on the others people do.
AUTOMATIC = frozenset({"api", "internal"})


@dataclass(frozen=True)
class Attempt:
    """One try at one call: all a handler needs, read before any connection is made.

    ``kind`` is ``ask`` when an earlier try was sent and its outcome is unknown.
    """

    call_id: UUID
    number: int
    kind: Literal["send", "ask"]
    operation: str
    case_no: str
    region: str
    office: str | None
    item: str | None
    mode: str
    endpoint: str
    person: dict[str, Any]
    parameters: dict[str, Any]
    files: Sequence[CallFile] = ()


def begin_attempt(runtime: Runtime, call_id: UUID) -> Attempt | None:
    """Take a waiting call; ``None`` when another worker got there first or it is not wanted.

    Also ``None`` when its agency has no interface: then it was handed over to people. How an
    agency is reached is decided at the first try; later changes of its settings leave this call
    on its way. The call's row is locked for this moment only; no lock is held while the agency is
    talked to.
    """
    attempt = _take(runtime, call_id)
    if attempt is not None and attempt.mode not in AUTOMATIC:
        hand_over(runtime, call_id, attempt.mode)
        return None
    return attempt


def _take(runtime: Runtime, call_id: UUID) -> Attempt | None:
    now = runtime.clock.now()
    with runtime.transaction() as session:
        row = session.execute(
            select(ServiceCall, Case, AgencySetting, DataKey.wrapped, Person)
            .join(Case, Case.id == ServiceCall.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .outerjoin(PersonFile, PersonFile.id == Case.file_id)
            .outerjoin(Person, Person.id == PersonFile.person_id)
            .outerjoin(
                AgencySetting,
                (AgencySetting.region == ServiceCall.region)
                & (AgencySetting.agency == ServiceCall.agency),
            )
            .where(ServiceCall.id == call_id)
            .with_for_update(of=ServiceCall)
        ).one_or_none()
        if row is None or row[0].state not in ("queued", "unknown"):
            return None
        call, case, setting, wrapped, person = row
        kind: Literal["send", "ask"] = "ask" if call.state == "unknown" else "send"
        mode = call.mode or _mode(call, setting)
        if mode in AUTOMATIC:
            call.mode, call.state, call.attempts = mode, "sending", call.attempts + 1
            call.changed_at = now
            session.add(
                ServiceAttempt(call_id=call_id, number=call.attempts, kind=kind, started_at=now)
            )
        key = runtime.keyring.unwrap(wrapped)
        about = {}
        if person is not None:
            about = {"name": person.name, "id_no": key.open_text(bytes(person.id_no_sealed))}
            if person.mobile_sealed:
                about["mobile"] = key.open_text(bytes(person.mobile_sealed))
        return Attempt(
            call_id=call_id,
            number=call.attempts,
            kind=kind,
            operation=call.operation,
            case_no=case.no,
            region=call.region,
            office=call.office,
            item=call.item,
            mode=mode,
            endpoint=setting.endpoint if setting else "",
            person=about,
            parameters=key.open_json(bytes(call.request_sealed)),
            files=files_of_call(
                session, runtime.releases.get(session, case.release_id).pack, case, call, key
            ),
        )


def _mode(call: ServiceCall, setting: AgencySetting | None) -> str:
    if call.agency == PLATFORM:
        return "internal"
    return setting.mode if setting else "manual"
