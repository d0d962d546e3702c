"""Putting many persons on record at once, with their employers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from engine.access import Actor
from engine.clock import office_date
from engine.errors import Forbidden, Invalid
from engine.identity import check_id_no, check_mobile, check_uscc
from engine.people import ensure_unit, register_person
from engine.runtime import Runtime

Row = Mapping[str, str]


def import_people(runtime: Runtime, region: str, rows: Sequence[Row], actor: Actor) -> int:
    """Register persons and their files in a region, all of them or none; return how many.

    Somebody on record already is brought up to date, so repeating an import is harmless.

    Args:
        rows: ``name``, ``id_no``, ``mobile``, ``unit`` and ``uscc`` of each person as text; the
            last two are empty for flexible employment. An unknown employer is registered, too.

    Raises:
        Forbidden: the actor does not administer the region.
        Invalid: ``errors`` maps ``row.field`` (rows count from 0) to what is wrong; nothing was
            stored. Mend the rows, then try again.
    """
    if not actor.holds("admin", region):
        raise Forbidden
    errors: dict[str, str] = {}
    with runtime.transaction() as session:
        today = office_date(runtime.clock.now())
        for number, row in enumerate(rows):
            try:
                facts = _checked(row, today)
                if facts["employment"] == "employee":
                    ensure_unit(session, facts)
                register_person(runtime, session, region, facts)
            except Invalid as error:
                errors |= {f"{number}.{field}": said for field, said in error.errors.items()}
        if errors:
            raise Invalid(f"共 {len(errors)} 处有误，没有导入任何人。", errors)
    return len(rows)


def _checked(row: Row, today: date) -> dict[str, str]:
    """A person's facts in their stored form; raises ``Invalid`` with every wrong field."""
    errors = dict(_mistakes(row, today))
    if errors:
        raise Invalid(errors=errors)
    return {
        "name": row["name"].strip(),
        "id_no": check_id_no(row["id_no"], today),
        "mobile": check_mobile(row["mobile"]) if row["mobile"].strip() else "",
        "employment": "employee" if row["uscc"].strip() else "flexible",
        "unit": row["unit"].strip(),
        "uscc": check_uscc(row["uscc"]) if row["uscc"].strip() else "",
    }


def _mistakes(row: Row, today: date) -> Iterator[tuple[str, str]]:
    if not 2 <= len(row["name"].strip()) <= 60 or not row["name"].isprintable():
        yield "name", "姓名应为 2 至 60 个字"
    checks = {
        "id_no": lambda text: check_id_no(text, today),
        "mobile": check_mobile,
        "uscc": check_uscc,
    }
    for field, check in checks.items():
        if field == "id_no" or row[field].strip():
            try:
                check(row[field])
            except Invalid as error:
                yield field, error.message
    if bool(row["unit"].strip()) != bool(row["uscc"].strip()):
        yield "unit", "单位名称和统一社会信用代码应同时填写，或同时不填（灵活就业）"
    elif len(row["unit"].strip()) > 120 or not row["unit"].isprintable():
        yield "unit", "单位名称应不超过 120 个字"
