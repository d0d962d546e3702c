"""What a case changes about its person: the telephone number, the office that answers for them."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.models import Person, PersonFile

if TYPE_CHECKING:
    from engine.open_case import OpenCase


def update_mobile(case: "OpenCase", mobile: str | None) -> None:
    """Give the person another telephone number, here and for every case to come (ZY-040)."""
    if not mobile or case.case.file_id is None:
        return
    person = case.session.scalars(
        select(Person)
        .join(PersonFile, PersonFile.person_id == Person.id)
        .where(PersonFile.id == case.case.file_id)
    ).one()
    person.mobile_sealed = case.key.seal_text(mobile)
    _change(case, "已更新联系电话", mobile=mobile)


def update_office(case: "OpenCase", office: str | None) -> None:
    """Have another office answer for the person, here and in every case to come (NX-010)."""
    if not office or case.case.file_id is None:
        return
    case.session.get_one(PersonFile, case.case.file_id).office = office
    _change(case, "已变更负责的经办机构", office=office)


def _change(case: "OpenCase", title: str, **facts: str) -> None:
    case.write_section("person", {**case.data["person"], **facts})
    detail = {"section": "person", "version": case.data.version("person")}
    case.note("person_changed", title, detail=detail)
