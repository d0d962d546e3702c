"""Those who take part: synthetic retirees on record, and what is filled in for them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine.accounts import add_account
from engine.models import Account
from engine.people import record_sections, register_person
from engine.runtime import Runtime
from webapp.demo import PASSWORD, UNITS, DemoPerson

MONTHS_AHEAD = 1  # the earliest a joint case may begin

_turns = count(101, 2)  # odd for men; the demonstration's own people have smaller ones


@dataclass(frozen=True)
class Retiree:
    """One person about to retire, and the day this was planned on."""

    person: DemoPerson
    since: date

    @property
    def login(self) -> str:
        return f"retiree{self.person.turn}"

    @property
    def identity(self) -> Mapping[str, str]:
        """What a start form asks."""
        return {"name": self.person.name, "id_no": self.person.id_no(self.since)}

    @property
    def retire_date(self) -> str:
        return self.person.retire_date(self.since).isoformat()


def a_retiree(since: date, *, unit: int | None) -> Retiree:
    """Invent somebody who retires in a month. ``unit``: place among the demonstration's."""
    turn = next(_turns)
    return Retiree(DemoPerson(f"示例{turn}", turn, MONTHS_AHEAD, unit), since)


def put_on_record(runtime: Runtime, retiree: Retiree) -> None:
    """Register somebody with pre-review, contribution check and an account; repeat if killed."""
    while True:
        try:
            _put_on_record(runtime, retiree)
        except DBAPIError:
            time.sleep(0.3)
        else:
            return


def _put_on_record(runtime: Runtime, retiree: Retiree) -> None:
    person, unit = retiree.person, retiree.person.unit
    facts = {
        **retiree.identity,
        "mobile": f"13900000{person.turn:03d}",
        "employment": "flexible" if unit is None else "employee",
        "uscc": UNITS[unit][1] if unit is not None else None,
    }
    with runtime.transaction() as session:
        if session.scalar(select(Account.id).where(Account.login == retiree.login)):
            return  # the commit had arrived
        file, row = register_person(runtime, session, "jilin", facts)
        record_sections(runtime, session, file, _sections(retiree), "演示")
        add_account(
            session, retiree.login, person.name, PASSWORD, "person", person_id=row.id, verified="L2"
        )


def _sections(retiree: Retiree) -> Mapping[str, Mapping[str, Any]]:
    unit = retiree.person.unit
    return {
        "prereview": {
            "conclusion": "passed",
            "filed_by": "custodian" if unit is None else "unit",
            "filer_uscc": UNITS[unit][1] if unit is not None else None,
            "birth_date": retiree.person.birth(retiree.since).isoformat(),
            "retire_type": "normal",
            "retire_date": retiree.retire_date,
            "deemed_months": 60,
            "annuity": False,
            "si_office": "city_si",
            "med_office": "city_med",
        },
        "contribution_check": {
            "conclusion": "met",
            "contribution_state": "normal",
            "actual_months": 380,
            "checked_on": retiree.since.isoformat(),
        },
    }
