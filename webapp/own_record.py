"""本人信息 as a record: what is kept about a person, in words and in an order people can follow.

Unmasked, for it is their own. Only an identity number or telephone that is somebody else's, say
that of the operator who applied, stays masked: it is not theirs to take.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.clock import CHINA
from engine.forms import Field
from engine.operations import OperationRegister
from engine.queries.own_data import OwnCase, OwnData, OwnFile, Version
from webapp import words
from webapp.facts import FactTable, fact_tables

Record = dict[str, Any]
#: Formats of numbers that belong to one person.
_OF_ONE = {"cn-ric", "cn-mobile"}


def own_record(own: OwnData, operations: OperationRegister) -> Record:
    """Put everything that is kept about a person into one record; all values are JSON.

    Args:
        own: as ``engine.commands.take_own_data`` returned it.
        operations: what agencies can be asked; their answers are titled by it.
    """
    numbers = {str(number) for number in own.person.values() if number}
    return {
        "made_at": _at(own.made_at),
        "person": {**own.person, "since": _at(own.since)},
        "files": [_file(one, operations, numbers) for one in own.files],
        "cases": [_case(one, operations, numbers) for one in own.cases],
        "accounts": [
            {"login": one.login, "name": one.name, "verified": one.verified, "active": one.active}
            for one in own.accounts
        ],
        "sign_ins": [
            {
                "begun_at": _at(one.begun_at),
                "seen_at": _at(one.seen_at),
                "device": one.device,
                "address": one.address,
            }
            for one in own.sign_ins
        ],
        "account_events": [
            {"at": _at(one.at), "by": one.by, "title": one.title} for one in own.account_events
        ],
    }


def _file(own: OwnFile, operations: OperationRegister, numbers: Collection[str]) -> Record:
    file, pack = own.file, own.release.pack
    tables = fact_tables(pack, operations, own.sections)
    return {
        "region": own.release.config.title,
        "employment": words.EMPLOYMENT.get(file.employment, file.employment),
        "unit": own.unit,
        "custodian": own.custodian,
        "office": _office(own),
        "since": _at(file.created_at),
        "sections": _sections(tables, own.versions, numbers),
    }


def _office(own: OwnFile) -> str:
    rule = own.release.config.offices.get(own.file.office or "")
    return rule.title if rule else own.file.office or ""


def _case(own: OwnCase, operations: OperationRegister, numbers: Collection[str]) -> Record:
    page, case = own.page, own.page.case
    written = {one.section for one in own.versions}
    sections = {name: said for name, said in page.sections.items() if name in written}
    tables = fact_tables(page.release.pack, operations, sections)
    return {
        "no": case.no,
        "title": case.title,
        "region": page.region_title,
        "channel": case.channel,
        "state": words.CASE_STATES[case.status],
        "outcome": case.outcome_title or "",
        "started_at": _at(case.started_at),
        "closed_at": _at(case.closed_at),
        "items": [
            {"title": one.title, "state": one.state_title, "agency": one.agency}
            for one in page.items
        ],
        "sections": _sections(tables, own.versions, numbers),
        "notices": [
            {"sent_at": _at(one.sent_at), "title": one.title, "body": one.body}
            for one in page.notices
            if one.audience == "person"
        ],
        "documents": [
            {"issued_at": _at(one.issued_at), "title": one.title, "number": one.number}
            for one in page.documents
        ],
        "attachments": [
            {"at": _at(one.uploaded_at), "name": one.name, "by": one.uploaded_by}
            for one in page.attachments.values()
        ],
        "requests": [
            {
                "at": _at(one.created_at),
                "title": one.title,
                "agency": _agency(page.release.config.agencies, one.operation),
                "state": words.CALL_STATES.get(one.state, one.state),
            }
            for one in page.calls
        ],
        "history": [
            {"at": _at(one.at), "by": one.actor, "title": one.title} for one in page.events
        ],
    }


def _agency(agencies: Any, operation: str) -> str:
    code = operation.partition("/")[0]
    return agencies[code].title if code in agencies else code


def _sections(
    tables: Sequence[FactTable], versions: Sequence[Version], numbers: Collection[str]
) -> list[Record]:
    """Every section that was written, with its facts where it has any that can be read."""
    known = {table.section: table for table in tables}
    told = []
    for name in dict.fromkeys([*known, *(one.section for one in versions)]):
        written = [one for one in versions if one.section == name]
        if not written:
            continue  # worked out when somebody looks, kept nowhere
        table = known.get(name)
        told.append(
            {
                "section": name,
                "title": table.title if table else "",
                "facts": [
                    _fact(_in_full(field, name == "person", numbers)) for field in table.fields
                ]
                if table
                else [],
                "written": [
                    {"version": one.version, "at": _at(one.written_at), "by": one.author}
                    for one in written
                ],
            }
        )
    return told


def _fact(field: Field) -> Record:
    fact: Record = {"field": field.path, "title": field.title}
    if field.rows:
        return {**fact, "rows": [[_fact(cell) for cell in row] for row in field.rows]}
    return {**fact, "text": field.text}


def _in_full(field: Field, of_person: bool, numbers: Collection[str]) -> Field:
    """The field with its number in full, unless it is that of somebody else."""
    rows = tuple(tuple(_in_full(cell, of_person, numbers) for cell in row) for row in field.rows)
    own = of_person or field.schema.get("format") not in _OF_ONE or str(field.value) in numbers
    schema = {**field.schema, "x-sensitive": False} if own else field.schema
    return replace(field, rows=rows, schema=schema)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds") if moment else ""
