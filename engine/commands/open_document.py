"""Handing out an issued document: whoever looks at it leaves a line in the case's history."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from engine.access import Actor, may_see
from engine.errors import NotFound
from engine.models import Document
from engine.open_case import OpenCase
from engine.queries.documents import DocumentLine, document_line, is_for
from engine.runtime import Runtime

#: What somebody did with a document, as the history says it.
PURPOSES = {"read": "查看", "save": "下载", "print": "打印"}
Purpose = Literal["read", "save", "print"]


def open_document(
    runtime: Runtime, document_id: UUID, actor: Actor, purpose: Purpose
) -> tuple[DocumentLine, bytes]:
    """Return a document exactly as it was issued, and note who opened it (JL-048).

    Raises:
        NotFound: no such document, or not meant for the actor.
    """
    with runtime.transaction() as session:
        row = session.scalar(
            select(Document)
            .where(Document.id == document_id)
            .options(undefer(Document.content_sealed))
        )
        if row is None or row.case_id is None:
            raise NotFound
        case = OpenCase.lock(runtime, session, row.case_id, actor)
        if not may_see(actor, case.case) or not is_for(actor, row):
            raise NotFound
        number = f"（{row.number}）" if row.number else ""
        case.note("document_opened", f"{PURPOSES[purpose]}《{row.title}》{number}")
        case.save_history()
        return document_line(row, case.case.no), case.key.open(bytes(row.content_sealed))
