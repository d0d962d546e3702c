"""The files that go with a service call: attachments its answers refer to, documents issued.

A service task names them as ``files``: fields of forms (``section.field``) and keys of documents.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.case_data import CaseData
from engine.models import Attachment, Case, Document, ServiceCall
from engine.packs.pack import Pack
from engine.sealing import SealingKey


@dataclass(frozen=True)
class CallFile:
    """A file that goes with a call. ``type``: the field or document it is named by."""

    id: UUID
    type: str
    name: str
    sha256: str
    media_type: str


def files_of_call(
    session: Session, pack: Pack, case: Case, call: ServiceCall, key: SealingKey
) -> list[CallFile]:
    """List what goes with a call, in the order in which its task names it."""
    node = pack.processes[call.process].nodes.get(call.element)
    named = node.properties.get("files", "").split() if node else []
    if not named:
        return []
    data = CaseData.load(session, case.id, case.file_id, key)
    found: list[CallFile] = []
    for one in named:
        if "." in one:
            found += _attached(session, case, one, _ids(data, one, call.item))
        elif document := _issued(session, case, one):
            found.append(document)
    return found


def content_of(session: Session, file: CallFile, key: SealingKey) -> bytes:
    """What is in a file of ``files_of_call``."""
    sealed = session.scalar(
        select(Attachment.content_sealed)
        .where(Attachment.id == file.id)
        .union_all(select(Document.content_sealed).where(Document.id == file.id))
    )
    return key.open(bytes(sealed or b""))


def _ids(data: CaseData, reference: str, item: str | None) -> list[UUID]:
    section, _, field = reference.rpartition(".")
    if item and section.startswith("this."):
        section = f"{item}.{section.removeprefix('this.')}"
    value = (data.get(section) or {}).get(field)
    given = value if isinstance(value, list) else [value] if value else []
    return [UUID(one) for one in given]


def _attached(session: Session, case: Case, named: str, ids: list[UUID]) -> list[CallFile]:
    query = select(Attachment).where(
        Attachment.id.in_(ids), Attachment.data_key_id == case.data_key_id
    )
    rows = {row.id: row for row in session.scalars(query)}
    return [_file(rows[one], named) for one in ids if one in rows]


def _issued(session: Session, case: Case, key: str) -> CallFile | None:
    row = session.scalar(
        select(Document)
        .where(Document.case_id == case.id, Document.key == key)
        .order_by(Document.version.desc())
        .limit(1)
    )
    return _file(row, key) if row else None


def _file(row: Attachment | Document, named: str) -> CallFile:
    return CallFile(row.id, named, row.name, row.sha256, row.media_type)
