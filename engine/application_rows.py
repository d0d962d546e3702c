"""批量申请: an employer applies for several of its people at once, one case per row.

Uploading a table again is harmless: whoever was applied for is passed over, so the marked table
can be mended and handed in as it is.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.applications import apply_for
from engine.clock import office_date
from engine.errors import Conflict, Invalid
from engine.forms import clean
from engine.models import Case, Person, PersonFile, Unit
from engine.packs.region import EMPLOYED
from engine.people import NAME_DIFFERS
from engine.rosters import CHANNEL, OWN, RosterRows
from engine.sheets import answers_of, columns_of
from engine.uploads import Finding, Work

_Known = Mapping[str, tuple[PersonFile, Person, str | None]]


class ApplicationRows(RosterRows):
    """The rows of a table with which an employer applies.

    Raises:
        NotFound: no such roster, or not the actor's.
        Invalid: it is not one table, or columns are missing.
    """

    def __init__(self, session: Session, work: Work) -> None:
        super().__init__(session, work)
        own = [one for one in columns_of(self._roster.form) if one.path in OWN]
        self._all = [*self._roster.columns, *own]
        self._own = _own_cells(session, work, {one.path: one.title for one in own})
        self._had: dict[object, str] = {}

    def apply(self, session: Session, sheet: int, number: int) -> Finding:
        """Apply for one person, who may have been applied for since the table was looked at."""
        self._session = session
        try:
            content = self._content(number)
            found = self._fits(number, content, self._known([content["id_no"]]))
            if found.state == "duplicate":
                return found
            process, actor = self._roster.rule.applies, self._work.actor
            place = (self._work.runtime, session, self._work.region, process)
            case = apply_for(*place, content, actor, CHANNEL)
        except Invalid as error:
            raise Invalid(error.message, self._wrong(number, error).note) from None
        return Finding(sheet, number, "applied", {"": f"办件 {case.no}"})

    def _content(self, number: int) -> dict[str, Any]:
        form, now = self._roster.form, self._work.runtime.clock.now()
        cells = self._table.cells(number)
        given = {**self._own, **{head: text for head, text in cells.items() if text.strip()}}
        return clean(form, answers_of(form, self._all, given), {}, office_date(now))

    def _known(self, numbers: list[str]) -> _Known:
        known = super()._known(numbers)
        rows = self._session.execute(
            select(Case.file_id, Case.no).where(
                Case.process == self._roster.rule.applies,
                Case.file_id.in_([file.id for file, _, _ in known.values()]),
            )
        )
        self._had = dict(rows.all())
        return known

    def _fits(self, number: int, content: Mapping[str, Any], known: Mapping[str, Any]) -> Finding:
        found = known.get(content["id_no"])
        process = self._roster.release.config.processes[self._roster.rule.applies]
        try:
            if found is None and not process.opens_file:
                raise Invalid(errors={"id_no": "未查询到该人员的信息，请核对身份证号"})
            # first: of others' people nothing is said, not even whether the name is right
            if found is not None and found[0].unit_id not in self._work.actor.units:
                raise Invalid(errors={"id_no": "不是本单位的人员"})
            if found is not None and found[1].name != content["name"]:
                raise Invalid(errors={"name": NAME_DIFFERS})
        except Invalid as error:
            return self._wrong(number, error)
        if found is not None and (no := self._had.get(found[0].id)):
            return Finding(self._sheet, number, "duplicate", {"": f"已有办件 {no}"})
        return Finding(self._sheet, number, "ready")


def _own_cells(session: Session, work: Work, titles: Mapping[str, str]) -> dict[str, str]:
    """What every row says without writing it: employed, and by whom."""
    unit = session.get(Unit, work.actor.unit_id) if work.actor.unit_id else None
    if unit is None:
        raise Conflict("只有用人单位可以批量申请。")
    said = {**EMPLOYED, "uscc": unit.uscc}
    return {titles[path]: text for path, text in said.items() if path in titles}
