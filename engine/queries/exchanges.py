"""交换名册: what waits to be handed to agencies, and the lists with which it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.case_data import CaseData
from engine.clock import office_date
from engine.errors import NotFound
from engine.exchange import Line, may_exchange, require_exchange
from engine.liaisons import Addressee, Department, liaison_of
from engine.models import (
    AgencySetting,
    Case,
    DataKey,
    Exchange,
    ExchangeLine,
    ServiceCall,
    Upload,
    WorkItem,
)
from engine.queries.regions import active_releases
from engine.runtime import Runtime


@dataclass(frozen=True)
class Office:
    """An agency whose requests go through lists: ``waiting`` for export, ``on_desk`` to answer."""

    setting: AgencySetting
    waiting: int
    on_desk: int


@dataclass(frozen=True)
class OfficePage:
    """An agency with its lists, newest first, and the result files of each."""

    office: Office
    lists: Sequence[Exchange]
    uploads: Mapping[str, Sequence[Upload]]
    liaison: Addressee


@dataclass(frozen=True)
class PaperList:
    """A list to be printed: full numbers, because paper has no button to show them."""

    exchange: Exchange
    title: str
    liaison: str
    lines: Sequence[Line]


def exchanges(runtime: Runtime, actor: Actor) -> frozenset[tuple[str, str]]:
    """Region and code of the agencies the actor may exchange lists with."""
    return frozenset(
        (release.config.code, agency)
        for release in active_releases(runtime)
        for agency in release.config.agencies
        if may_exchange(actor, release.config, agency)
    )


def offices(runtime: Runtime, actor: Actor) -> list[Office]:
    """Those agencies with what waits, those that are not reached by wire first."""
    mine = exchanges(runtime, actor)
    with runtime.reading() as session:
        waiting = _counts(
            session, ServiceCall, ServiceCall.mode == "file", ServiceCall.state == "queued"
        )
        on_desk = _counts(session, WorkItem, WorkItem.kind == "call", WorkItem.state == "open")
        settings = session.scalars(
            select(AgencySetting).order_by(AgencySetting.region, AgencySetting.agency)
        )
        found = [
            Office(
                one,
                waiting.get((one.region, one.agency), 0),
                on_desk.get((one.region, one.agency), 0),
            )
            for one in settings
            if (one.region, one.agency) in mine
        ]
    return sorted(found, key=lambda one: one.setting.mode == "api")


def office_page(runtime: Runtime, region: str, agency: str, actor: Actor) -> OfficePage:
    """One agency with its lists.

    Raises:
        NotFound: no such agency, or not the actor's.
    """
    for office in offices(runtime, actor):
        if (office.setting.region, office.setting.agency) == (region, agency):
            break
    else:
        raise NotFound
    with runtime.reading() as session:
        lists = session.scalars(
            select(Exchange)
            .where(Exchange.region == region, Exchange.agency == agency)
            .order_by(Exchange.exported_at.desc(), Exchange.id.desc())
            .limit(100)
        ).all()
        uploads: dict[str, list[Upload]] = {}
        for upload in session.scalars(
            select(Upload)
            .where(Upload.purpose == "result", Upload.ref.in_([str(one.id) for one in lists]))
            .order_by(Upload.id)
        ):
            if upload.confirmed_at is not None or upload.finished_at is None:
                uploads.setdefault(upload.ref, []).append(upload)
        liaison = _liaison(runtime, session, region, agency)
    return OfficePage(office, lists, uploads, liaison)


def find_list(runtime: Runtime, exchange_id: UUID, actor: Actor) -> tuple[Exchange, str]:
    """A list and what its agency is called; raises ``NotFound`` if it is not the actor's."""
    with runtime.reading() as session:
        exchange = _exchange(runtime, session, exchange_id, actor)
        return exchange, session.get_one(AgencySetting, _of(exchange)).title


def roster_file(runtime: Runtime, exchange_id: UUID, actor: Actor) -> tuple[Exchange, bytes]:
    """A roster's file exactly as it was exported."""
    with runtime.reading() as session:
        exchange = _exchange(runtime, session, exchange_id, actor)
        if exchange.content_sealed is None:
            raise NotFound
        wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == exchange.data_key_id))
        return exchange, runtime.keyring.unwrap(wrapped).open(bytes(exchange.content_sealed))


def paper_list(runtime: Runtime, exchange_id: UUID, actor: Actor) -> PaperList:
    """A list with all that is asked in it, to be printed and signed for."""
    with runtime.reading() as session:
        exchange = _exchange(runtime, session, exchange_id, actor)
        setting = session.get_one(AgencySetting, (exchange.region, exchange.agency))
        rows = session.execute(
            select(ServiceCall, Case, DataKey.wrapped, ExchangeLine.kind)
            .join(ExchangeLine, ExchangeLine.call_id == ServiceCall.id)
            .join(Case, Case.id == ServiceCall.case_id)
            .join(DataKey, DataKey.id == Case.data_key_id)
            .where(ExchangeLine.exchange_id == exchange_id)
            .order_by(ExchangeLine.position)
        ).all()
        lines = [
            Line(
                call.id,
                case.id,
                kind,
                call.operation,
                case.no,
                call.title,
                _asked(runtime, session, call, case, wrapped),
            )
            for call, case, wrapped, kind in rows
        ]
        to = exchange.addressed_to or _liaison(runtime, session, *_of(exchange)).name
    return PaperList(exchange, setting.title, to, lines)


def _of(exchange: Exchange) -> tuple[str, str]:
    return exchange.region, exchange.agency


def _liaison(runtime: Runtime, session: Session, region: str, agency: str) -> Addressee:
    """Whom lists go to that nobody signed for yet."""
    today = office_date(runtime.clock.now())
    return liaison_of(session, region, Department("agency", agency), today)


def _asked(
    runtime: Runtime, session: Session, call: ServiceCall, case: Case, wrapped: bytes | None
) -> dict[str, Any]:
    key = runtime.keyring.unwrap(wrapped)
    person = CaseData.load(session, case.id, case.file_id, key).get("person", {})
    return {**person, **key.open_json(bytes(call.request_sealed))}


def _exchange(runtime: Runtime, session: Session, exchange_id: UUID, actor: Actor) -> Exchange:
    exchange = session.get(Exchange, exchange_id)
    if exchange is None:
        raise NotFound
    release = runtime.releases.active(session, exchange.region, runtime.clock.now())
    require_exchange(actor, release.config, exchange.agency)
    return exchange


def _counts(session: Session, table: Any, *conditions: Any) -> Mapping[tuple[str, str], int]:
    rows = session.execute(
        select(table.region, table.agency, func.count())
        .where(*conditions)
        .group_by(table.region, table.agency)
    )
    return {(region, agency): number for region, agency, number in rows}
