"""联络员: who takes what is handed to a department, today (ZY-027).

A department is an agency or an office of a region. Whoever was named for it with the latest day
that has come is its liaison; nothing that is still open remembers an earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Liaison, Office


class Department(NamedTuple):
    """``scope``: ``agency`` or ``office``; ``code`` in ``[agencies]`` or ``[offices]``."""

    scope: str
    code: str


@dataclass(frozen=True)
class Addressee:
    """Whoever is the liaison today; only a name where the region's file is all that is known."""

    name: str
    phone: str = ""
    account_id: UUID | None = None
    row: Liaison | None = None


NOBODY = Addressee("")


def liaisons_of(session: Session, region: str, today: date) -> Mapping[Department, Addressee]:
    """The liaisons of a region today, by department; those of offices begin with its file's."""
    found = {
        Department("office", office.code): Addressee(office.liaison, office.phone)
        for office in session.scalars(select(Office).where(Office.region == region))
        if office.liaison
    }
    for row in session.scalars(
        select(Liaison)
        .where(Liaison.region == region, Liaison.from_date <= today)
        .order_by(Liaison.from_date, Liaison.set_at)
    ):
        department = Department(row.scope, row.department)
        found[department] = Addressee(row.name, row.phone, row.account_id, row)
    return found


def liaison_of(session: Session, region: str, department: Department, today: date) -> Addressee:
    """The liaison of one department today; nobody's name where none was named."""
    return liaisons_of(session, region, today).get(department, NOBODY)
