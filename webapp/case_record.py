"""A case on record: all there is to know about one case, for handing it over as a file.

Nothing in it lets a person be impersonated: sensitive answers are masked as on the pages, and
long numbers that people typed into running text are, too.
"""

import re
from datetime import datetime

from engine.identity import mask_card
from engine.operations import OperationRegister
from engine.queries.case_page import CasePage
from webapp.api.cases import CaseDetail, Fact, Facts
from webapp.api.part import Shape
from webapp.facts import FactTable, fact_tables

#: Identity, card and mobile numbers; a case number, which begins with letters, is none of them.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,19}[0-9Xx]?(?![0-9A-Za-z])")


class Event(Shape):
    """A line of the case's history."""

    seq: int
    at: datetime
    kind: str
    actor: str
    title: str
    element: str | None
    item: str | None


class Notice(Shape):
    """A notice as it was sent."""

    title: str
    body: str
    audience: str
    sent_at: datetime


class Call(Shape):
    """A request to an agency and what became of it."""

    operation: str
    title: str
    item: str | None
    state: str
    attempts: int
    reason_code: str | None
    reason: str | None
    created_at: datetime
    finished_at: datetime | None


class CaseRecord(CaseDetail):
    """What the REST API shows of a case, with its history, notices and calls."""

    release: str
    events: list[Event]
    notices: list[Notice]
    calls: list[Call]


def case_record(page: CasePage, operations: OperationRegister) -> CaseRecord:
    """Put a case on record.

    Args:
        page: as ``engine.queries.case_page`` read it for somebody who may see it.
        operations: what agencies can be asked; their replies are titled by it.
    """
    tables = fact_tables(page.release.pack, operations, page.sections)
    return CaseRecord.model_validate(
        {
            "case": page.case,
            "items": page.items,
            "tasks": page.tasks,
            "deadlines": page.deadlines,
            "places": page.drawings,
            "sections": [_facts(table) for table in tables],
            "release": page.release.id,
            "events": page.events,
            "notices": [
                Notice(
                    title=notice.title,
                    body=_masked(notice.body),
                    audience=notice.audience,
                    sent_at=notice.sent_at,
                )
                for notice in page.notices
            ],
            "calls": page.calls,
        }
    )


def _facts(table: FactTable) -> Facts:
    facts = [
        Fact(field=field.path, title=field.title, text=_masked(field.text))
        for field in table.fields
    ]
    return Facts(section=table.section, title=table.title, facts=facts)


def _masked(text: str) -> str:
    return _NUMBER.sub(lambda found: mask_card(found[0]), text)
