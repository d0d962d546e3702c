"""Tables from outside at work: looked through, confirmed, applied row by row.

What a row means is the business of its purpose: ``engine.results`` for what agencies answer in a
roster, ``engine.rosters`` for people a region puts on record, ``engine.application_rows`` for
people an employer applies for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Invalid
from engine.runtime import Runtime
from engine.sheets import Table

State = Literal["ready", "empty", "applied", "noted", "duplicate", "late", "wrong", "missing"]

#: What each state is called in the table that is handed back.
STATES: Mapping[str, str] = {
    "ready": "待登记",
    "empty": "未填写",
    "applied": "已登记",
    "noted": "已登记，尚未办结",
    "duplicate": "重复，未作处理",
    "late": "迟到，未作处理",
    "wrong": "有误",
    "missing": "本次没有，未作改动",
}


@dataclass(frozen=True)
class Finding:
    """What was found out about a row: its state and, by heading, what is wrong."""

    sheet: int
    number: int
    state: State
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The finding on one line."""
        said = "；".join(f"{head}：{what}" if head else what for head, what in self.note.items())
        return f"{STATES[self.state]}：{said}" if said else STATES[self.state]


@dataclass(frozen=True)
class Work:
    """An upload opened: where it belongs, its tables, and who acts."""

    runtime: Runtime
    region: str
    ref: str
    tables: Sequence[Table]
    actor: Actor
    full: bool = False


class Rows(Protocol):
    """What a purpose knows about its rows."""

    def look(self) -> Iterator[Finding]:
        """Look through all rows without changing anything: ``ready``, ``empty`` or ``wrong``.

        Raises:
            Invalid: the file as a whole is of no use.
        """
        ...

    def apply(self, session: Session, sheet: int, number: int) -> Finding:
        """Apply one row in the caller's transaction.

        Raises:
            EngineError: it cannot be; the caller takes back what was changed for this row.
        """
        ...


def require_headings(table: Table, needed: Sequence[str]) -> None:
    """Raise ``Invalid`` when columns are missing."""
    missing = [heading for heading in needed if heading not in table.headings]
    if missing:
        name = f"工作表“{table.title}”" if table.title else "文件"
        raise Invalid(
            f"{name}缺少列：{'、'.join(missing[:8])}。请使用系统导出的表格，不要改动列名。"
        )


def by_heading(errors: Mapping[str, str], headings: Mapping[str, str]) -> dict[str, str]:
    """Errors by path as notes by heading; a path inside a list counts for its column."""
    found: dict[str, str] = {}
    for path, message in errors.items():
        place = path
        while place and place not in headings:
            place = place.rpartition(".")[0]
        found.setdefault(headings.get(place, ""), message)
    return found
