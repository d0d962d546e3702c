"""Issuing documents: numbered, rendered and recorded in the transaction that decided them.

A document is stored as it was issued and never rendered again. Issuing the same document of a case
once more makes a new version that names the one it replaces. However many are issued at once, it
costs three statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from engine.clock import CHINA, office_date
from engine.documents.names import region_names, words
from engine.documents.rendering import medium_of, render
from engine.errors import EngineError
from engine.ids import new_id
from engine.incidents import open_incident
from engine.liaisons import liaisons_of
from engine.media import TEXT, file_name
from engine.models import AgencySetting, Document, DocumentNumber
from engine.notices import nested
from engine.packs.region import DocumentRule
from engine.practice import SEAL
from engine.queries.members import member_data

if TYPE_CHECKING:
    from engine.open_case import OpenCase

#: A document of a case: its key in ``[documents]``, and the joint item it is about.
Wanted = tuple[str, str | None]


def issue(case: "OpenCase", wanted: Sequence[Wanted]) -> None:
    """Issue documents about a case; the caller writes the case.

    What cannot be rendered becomes an incident, its number is not used up, and the case goes on.
    """
    rules = {key: case.config.documents[key] for key, _ in wanted}
    versions = _versions(case)
    numbers = _Numbers(case, {rule.number for rule in rules.values() if rule.number})
    names = _names(case)
    for key, item in wanted:
        rule = rules[key]
        number = numbers.next(rule.number)
        said = {**names, **_about(case, rule, number), "this": names.get(item or "", {})}
        try:
            content = render(rule.template, case.release.pack.document(rule.template), said)
        except EngineError as error:
            ref = f"{key} {item or ''}".strip()
            open_incident(case, "document", ref, f"文书未能生成：{rule.title}", error.message)
            continue
        numbers.use(rule.number)
        _record(case, (key, item), number, content, versions.get((key, item)))


class _Numbers:
    """The series of one region and year, held until the transaction ends: no number is lost."""

    def __init__(self, case: "OpenCase", series: Iterable[str]) -> None:
        self._case, self._year = case, case.now.astimezone(CHINA).year
        self._last: dict[str, int] = {}
        common = {"region": case.case.region, "year": self._year, "last": 0}
        if new := [{"series": one, **common} for one in sorted(series)]:
            rows = case.session.execute(
                insert(DocumentNumber)
                .values(new)
                .on_conflict_do_update(
                    index_elements=["region", "series", "year"],
                    set_={"last": DocumentNumber.last},  # changes nothing, but locks the row
                )
                .returning(DocumentNumber.series, DocumentNumber.last)
            )
            self._last = {row.series: row.last for row in rows}

    def next(self, series: str) -> str:
        """The number a document of this series would have."""
        return series.format(year=self._year, n=self._last[series] + 1) if series else ""

    def use(self, series: str) -> None:
        """The document exists: its number is taken."""
        if series:
            self._last[series] += 1
            self._case.changes.add(
                DocumentNumber(
                    region=self._case.case.region,
                    series=series,
                    year=self._year,
                    last=self._last[series],
                )
            )


def _versions(case: "OpenCase") -> Mapping[Wanted, tuple[UUID, int]]:
    """The newest version of every document of the case so far."""
    rows = case.session.execute(
        select(Document.key, Document.item, Document.id, Document.version)
        .where(Document.case_id == case.case.id)
        .order_by(Document.version)
    )
    return {(row.key, row.item): (row.id, row.version) for row in rows}


def _record(
    case: "OpenCase",
    wanted: Wanted,
    number: str,
    content: bytes,
    previous: tuple[UUID, int] | None,
) -> None:
    key, item = wanted
    rule = case.config.documents[key]
    medium = medium_of(rule.template) or TEXT
    document = Document(
        id=new_id(),
        case_id=case.case.id,
        file_id=case.case.file_id,
        data_key_id=case.case.data_key_id,
        key=key,
        item=item,
        title=rule.title,
        number=number,
        audience=" ".join(_audience(rule, case.case.applicant)),
        media_type=medium.type,
        name=file_name(f"{rule.title} {case.case.no}", medium),
        sha256=sha256(content).hexdigest(),
        content_sealed=case.key.seal(content),
        issued_at=case.now,
        issued_by=case.actor.name,
        version=previous[1] + 1 if previous else 1,
        replaces_id=previous[0] if previous else None,
    )
    case.changes.add(document)
    case.note(
        "document",
        f"已出具《{rule.title}》{f'（{number}）' if number else ''}",
        item=item,
        detail={"document": str(document.id), "sha256": document.sha256, "key": key},
    )


def _names(case: "OpenCase") -> dict[str, Any]:
    """What every document of the case may say."""
    data: dict[str, Any] = {name: case.data[name] for name in case.data}
    settings = case.session.scalars(
        select(AgencySetting).where(AgencySetting.region == case.case.region)
    ).all()
    today = office_date(case.now)
    region = region_names(
        case.config,
        settings,
        cache(lambda: liaisons_of(case.session, case.case.region, today)),
        today,
        case.offices_by_agency(),
    )
    chosen = {
        code
        for code, kind in case.config.items.items()
        if kind.when and case.instance.evaluate(kind.when)
    }
    # a section nobody has written yet prints as nothing instead of being a slip
    sections: dict[str, Any] = {
        name: {} for name in case.release.pack.section_names if "." not in name
    }
    return {
        **sections,
        **nested({**case.functions, **data}),
        **region,
        "matters": [one for one in region["region"].items if one.code in chosen],
        "members": _members(case),
        "words": words(case.release.pack, data),
    }


def _members(case: "OpenCase") -> list[dict[str, Any]]:
    """Whom a batch is about: the sections of each, and ``words`` that say them as people do."""
    if case.case.file_id is not None:
        return []  # about one person, not a batch
    pack = case.release.pack
    empty: dict[str, Any] = {name: {} for name in pack.section_names if "." not in name}
    return [
        {**empty, **nested(data), "words": words(pack, data)}
        for data in member_data(case.runtime, case.session, case.case.id)
    ]


def _about(case: "OpenCase", rule: DocumentRule, number: str) -> dict[str, Any]:
    """What a template may say about the document itself."""
    agency = case.config.agencies.get(rule.seal)
    values = {name: case.instance.evaluate(said) for name, said in rule.values.items()}
    document = SimpleNamespace(
        title=rule.title,
        number=number,
        issued_on=office_date(case.now).isoformat(),
        seal=SEAL if case.config.practice else agency.title if agency else rule.seal,
        signatures=list(rule.signatures),
        values=SimpleNamespace(**values),
    )
    return {"document": document, "clauses": list(rule.clauses)}


def _audience(rule: DocumentRule, applicant: str) -> list[str]:
    named = [applicant if one == "applicant" else one for one in rule.audience]
    return list(dict.fromkeys(named))
