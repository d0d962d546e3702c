"""Everything that is kept about one person, for that person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, files_in_reach
from engine.errors import NotFound
from engine.file_record import open_file
from engine.models import (
    Account,
    AccountEvent,
    CaseSection,
    FileSection,
    Person,
    PersonFile,
    SignInSession,
    Unit,
)
from engine.packs.release import LoadedRelease
from engine.queries.case_page import CasePage, case_page, my_cases
from engine.runtime import Runtime

#: Nobody retires this often.
MOST_CASES = 1000


@dataclass(frozen=True)
class Version:
    """One writing of a section."""

    section: str
    version: int
    author: str
    written_at: datetime


@dataclass(frozen=True)
class OwnFile:
    """The person's file in one region; ``sections`` are the newest versions, opened."""

    file: PersonFile
    release: LoadedRelease
    unit: str
    custodian: str
    sections: Mapping[str, Mapping[str, Any]]
    versions: Sequence[Version]


@dataclass(frozen=True)
class OwnCase:
    """One of the person's cases as its page shows it; ``versions`` of its own sections."""

    page: CasePage
    versions: Sequence[Version]


@dataclass(frozen=True)
class OwnData:
    """All of it; ``person`` holds name, id_no and mobile in full."""

    made_at: datetime
    person: Mapping[str, Any]
    since: datetime
    accounts: Sequence[Account]
    account_events: Sequence[AccountEvent]
    sign_ins: Sequence[SignInSession]
    files: Sequence[OwnFile]
    cases: Sequence[OwnCase]


def own_data(runtime: Runtime, actor: Actor) -> OwnData:
    """Read everything about the actor; asked through ``take_own_data``, which logs it.

    Raises:
        NotFound: the actor is nobody on record. Do not retry.
        Unsealable: what was kept has been erased by rule. Do not retry.
    """
    with runtime.reading() as session:
        own = select(PersonFile).where(files_in_reach(actor)).order_by(PersonFile.region)
        files = session.scalars(own).all() if actor.kind == "person" else []
        if not files:
            raise NotFound
        person = session.get_one(Person, files[0].person_id)
        accounts = session.scalars(
            select(Account).where(Account.person_id == person.id).order_by(Account.id)
        ).all()
        ids = [account.id for account in accounts]
        events = session.scalars(
            select(AccountEvent).where(AccountEvent.account_id.in_(ids)).order_by(AccountEvent.at)
        ).all()
        sign_ins = session.scalars(
            select(SignInSession)
            .where(SignInSession.account_id.in_(ids))
            .order_by(SignInSession.begun_at)
        ).all()
        opened = [_file(runtime, session, file) for file in files]
        written = {
            case.no: _versions(session, CaseSection, CaseSection.case_id, case.id)
            for case in my_cases(runtime, actor, limit=MOST_CASES)
        }
        who = opened[0].sections["person"]
    cases = [OwnCase(case_page(runtime, no, actor), found) for no, found in written.items()]
    return OwnData(
        made_at=runtime.clock.now(),
        person={name: who[name] for name in ("name", "id_no", "mobile")},
        since=person.created_at,
        accounts=accounts,
        account_events=events,
        sign_ins=sign_ins,
        files=opened,
        cases=cases,
    )


def _file(runtime: Runtime, session: Session, file: PersonFile) -> OwnFile:
    data = open_file(runtime, session, file)
    return OwnFile(
        file=file,
        release=runtime.releases.active(session, file.region, runtime.clock.now()),
        unit=_name(session, file.unit_id),
        custodian=_name(session, file.custodian_id),
        sections={name: data[name] for name in data},
        versions=_versions(session, FileSection, FileSection.file_id, file.id),
    )


def _name(session: Session, unit_id: UUID | None) -> str:
    unit = session.get(Unit, unit_id) if unit_id else None
    return unit.name if unit else ""


def _versions(session: Session, table: Any, owner: Any, whose: UUID) -> list[Version]:
    rows = session.execute(
        select(table.name, table.version, table.author, table.written_at)
        .where(owner == whose)
        .order_by(table.name, table.version)
    )
    return [Version(*row) for row in rows]
