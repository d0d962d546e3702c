"""The documents issued about a case, for those they are for; and papers made from the region."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, may_see
from engine.clock import office_date
from engine.documents.names import region_names
from engine.documents.rendering import medium_of, render
from engine.errors import NotFound
from engine.forms import Form
from engine.liaisons import liaisons_of
from engine.media import TEXT, file_name
from engine.models import AgencySetting, Case, Document
from engine.runtime import Runtime


@dataclass(frozen=True)
class DocumentLine:
    """A document as a page lists it. ``replaced``: a later version took its place."""

    id: UUID
    case_no: str
    key: str
    title: str
    number: str
    version: int
    replaced: bool
    audience: tuple[str, ...]
    media_type: str
    name: str
    sha256: str
    issued_at: datetime
    issued_by: str


def documents_of(session: Session, case: Case, actor: Actor) -> list[DocumentLine]:
    """The documents of a case that are meant for the actor, oldest first; staff see all."""
    rows = session.scalars(
        select(Document)
        .where(Document.case_id == case.id)
        .order_by(Document.issued_at, Document.id)
    ).all()
    replaced = {row.replaces_id for row in rows}
    return [document_line(row, case.no, row.id in replaced) for row in rows if is_for(actor, row)]


def is_for(actor: Actor, row: Document) -> bool:
    """Whether a document is meant for somebody who may see its case."""
    return actor.kind == "staff" or actor.kind in row.audience.split()


def document_line(row: Document, case_no: str, replaced: bool = False) -> DocumentLine:
    """A document without what is in it."""
    return DocumentLine(
        id=row.id,
        case_no=case_no,
        key=row.key,
        title=row.title,
        number=row.number,
        version=row.version,
        replaced=replaced,
        audience=tuple(row.audience.split()),
        media_type=row.media_type,
        name=row.name,
        sha256=row.sha256,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
    )


def find_document(runtime: Runtime, document_id: UUID, actor: Actor) -> tuple[Document, Case]:
    """A document and its case; raises ``NotFound``, also when it is not meant for the actor."""
    with runtime.reading() as session:
        row = session.get(Document, document_id)
        case = session.get(Case, row.case_id) if row is not None and row.case_id else None
    if row is None or case is None or not may_see(actor, case) or not is_for(actor, row):
        raise NotFound
    return row, case


def region_paper(runtime: Runtime, region: str, key: str) -> tuple[str, str, bytes]:
    """Make a document that is about no case, from the region's present settings (JL-055).

    Returns:
        Media type, file name and content.

    Raises:
        NotFound: the region takes no cases, or has no such document that stands by itself.
    """
    with runtime.reading() as session:
        now = runtime.clock.now()
        release = runtime.releases.active(session, region, now)
        rule = release.config.documents.get(key)
        if rule is None or key not in release.pack.standing_documents:
            raise NotFound("本地区没有这份文书。")
        settings = session.scalars(
            select(AgencySetting).where(AgencySetting.region == region)
        ).all()
        liaisons = liaisons_of(session, region, office_date(now))
        names = region_names(release.config, settings, lambda: liaisons, office_date(now))
        content = render(rule.template, release.pack.document(rule.template), names)
        medium = medium_of(rule.template) or TEXT
        return medium.type, file_name(f"{release.config.short_title}{rule.title}", medium), content


def form_of_region(runtime: Runtime, region: str, key: str) -> Form:
    """A form as new cases of the region ask it; raises ``NotFound``."""
    with runtime.reading() as session:
        release = runtime.releases.active(session, region, runtime.clock.now())
        return release.pack.form(key)
