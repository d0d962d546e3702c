"""办件查询: finding cases by number, name or identity number, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from engine.access import Actor, visible
from engine.errors import Invalid
from engine.identity import check_id_no, normalise
from engine.models import Case, Person, PersonFile
from engine.runtime import Runtime


@dataclass(frozen=True)
class CaseList:
    """One page of cases; ``after`` is the cursor of the next page, empty at the end."""

    rows: Sequence[Case]
    after: str


def find_cases(
    runtime: Runtime,
    actor: Actor,
    text: str = "",
    *,
    region: str = "",
    process: str = "",
    status: str = "",
    after: str = "",
    size: int = 50,
) -> CaseList:
    """Find cases the actor may see, newest first.

    Args:
        text: a case number (or its beginning), a whole name, or a whole identity number;
            empty finds all.
        status: ``running`` or ``closed``; empty finds both.
        after: the cursor the page before gave.
        size: rows per page, at most 200.
    """
    size = max(1, min(size, 200))
    query = select(Case).where(visible(actor)).order_by(Case.id.desc())
    if text:
        query = query.where(_matching(runtime, normalise(text)))
    for column, wanted in ((Case.region, region), (Case.process, process), (Case.status, status)):
        if wanted:
            query = query.where(column == wanted)
    if after:
        try:
            query = query.where(Case.id < UUID(after))
        except ValueError:
            return CaseList((), "")  # a made-up cursor has no next page
    with runtime.reading() as session:
        rows = session.scalars(query.limit(size + 1)).all()
    more = len(rows) > size
    return CaseList(rows[:size], str(rows[size - 1].id) if more else "")


def _beginning(text: str) -> ColumnElement[bool]:
    """Numbers that begin like this.

    The range says it again: under row-level security ``like`` leads to no index, a comparison does.
    What follows in a number are digits.
    """
    return and_(
        Case.no >= text,
        Case.no <= text + "z" * 20,
        Case.no.startswith(text, autoescape=True),
    )


def _matching(runtime: Runtime, text: str) -> ColumnElement[bool]:
    try:
        index = runtime.keyring.index(check_id_no(text))
    except Invalid:
        if any(character.isdigit() for character in text):
            return _beginning(text.upper())
        return Case.subject == text
    files = (
        select(PersonFile.id)
        .join(Person, Person.id == PersonFile.person_id)
        .where(Person.id_no_index == index)
    )
    return Case.file_id.in_(files)
