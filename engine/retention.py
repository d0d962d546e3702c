"""保存期限: until when what is kept about a person stays readable, and what tells it was erased.

Everything about a person is sealed under one key. Erasing destroys the key and blanks the names
that stand in lists; rows, times, outcomes and the hashed history stay, so that figures still count
and an audit still passes.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.clock import at, office_date
from engine.models import Case, DataKey, Person, PersonFile
from engine.packs.region import RetentionRule

#: What stands where something was.
ERASED = "已按规定删除"


def kept_until(rule: RetentionRule, process: str, closed_at: datetime) -> datetime:
    """The instant from which a closed case no longer needs its data: a first of January in China.

    Source: 社会保险业务档案管理规定（试行） counts from the first of January after the year.
    """
    return _january(closed_at, rule.processes.get(process, rule.years))


def table_kept_until(rule: RetentionRule, made_at: datetime) -> datetime:
    """The instant from which a table of many people goes: by the shortest of the region's years.

    What is in it stands in the cases as well, each for its own time.
    """
    return _january(made_at, min([rule.years, *rule.processes.values()]))


def _january(moment: datetime, years: int) -> datetime:
    return at(date(office_date(moment).year + 1 + years, 1, 1))


def is_kept() -> ColumnElement[bool]:
    """Whether a person file can still be opened, as a condition on ``person_file``."""
    return (
        select(DataKey.id)
        .join(Person, Person.data_key_id == DataKey.id)
        .where(Person.id == PersonFile.person_id, DataKey.wrapped.is_not(None))
        .exists()
    )


def is_erased(session: Session, case_id: UUID) -> bool:
    """Whether the key of a case was destroyed."""
    found = (
        select(DataKey.id)
        .join(Case, Case.data_key_id == DataKey.id)
        .where(Case.id == case_id, DataKey.wrapped.is_(None))
    )
    return session.scalar(found) is not None
