"""结果文件: what an agency answered in a roster that came back."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import office_date
from engine.commands.enter_reply import enter_reply
from engine.errors import Invalid, NotFound
from engine.exchange import CALL, KIND, reply_columns, require_exchange
from engine.forms import Form, clean
from engine.models import Exchange, ExchangeLine, ServiceCall
from engine.open_case import OpenCase
from engine.operation_forms import reply_form, reply_of
from engine.operations import Operation
from engine.sheets import Column, Table, answers_of
from engine.sheets.writing import sheet_name
from engine.uploads import Finding, Work, by_heading, require_headings


class ResultRows:
    """The rows of a result file, against the roster they answer.

    Raises:
        NotFound: no such roster, or not the actor's.
        Invalid: a sheet or a column is not that roster's.
    """

    def __init__(self, session: Session, work: Work) -> None:
        self._work = work
        exchange = session.get(Exchange, UUID(work.ref))
        if exchange is None or exchange.kind != "file":
            raise NotFound
        now = work.runtime.clock.now()
        release = work.runtime.releases.active(session, exchange.region, now)
        require_exchange(work.actor, release.config, exchange.agency)
        rows = session.execute(
            select(ExchangeLine.call_id, ExchangeLine.kind, ServiceCall.operation)
            .join(ServiceCall, ServiceCall.id == ExchangeLine.call_id)
            .where(ExchangeLine.exchange_id == exchange.id)
        )
        self._lines: Mapping[str, tuple[str, str]] = {
            str(call_id): (kind, operation) for call_id, kind, operation in rows
        }
        self._asked = [self._operation(table) for table in work.tables]
        for table, asked in zip(work.tables, self._asked, strict=True):
            require_headings(table, [CALL, *(column.title for column in asked.columns)])

    def look(self) -> Iterator[Finding]:
        """Look through all rows; the second with one number is doubled."""
        seen: dict[str, int] = {}
        for sheet, table in enumerate(self._work.tables):
            for number in table.rows:
                yield self._look(sheet, number, seen)

    def apply(self, session: Session, sheet: int, number: int) -> Finding:
        """Enter one answer, as at a desk."""
        cells, asked = self._work.tables[sheet].cells(number), self._asked[sheet]
        case, call = OpenCase.lock_with_call(
            self._work.runtime, session, UUID(cells[CALL]), self._work.actor
        )
        try:
            state = enter_reply(case, call, asked.answers(cells), "file")
        except Invalid as error:
            raise Invalid(error.message, asked.by_heading(error)) from None
        case.save()
        return Finding(sheet, number, state)  # type: ignore[arg-type]

    def _look(self, sheet: int, number: int, seen: dict[str, int]) -> Finding:
        cells, asked = self._work.tables[sheet].cells(number), self._asked[sheet]
        ident = cells[CALL]
        kind, operation = self._lines.get(ident, ("", ""))
        if operation != asked.operation.code:
            said = "不是本名册中的请求，请勿改动编号" if ident else "编号为空，请勿增加行"
            return Finding(sheet, number, "wrong", {CALL: said})
        first = seen.setdefault(ident, number)
        if first != number:
            return Finding(sheet, number, "wrong", {CALL: f"与第 {first} 行重复"})
        answers = asked.answers(cells)
        if kind == "cancel" or not answers:
            note = {KIND: "撤销的请求不需答复"} if answers else {}
            return Finding(sheet, number, "empty", note)
        now = self._work.runtime.clock.now()
        try:
            reply_of(asked.operation, ident, clean(asked.form, answers, {}, office_date(now)), now)
        except Invalid as error:
            return Finding(sheet, number, "wrong", asked.by_heading(error))
        return Finding(sheet, number, "ready")

    def _operation(self, table: Table) -> "_Asked":
        """Whose table it is: by the name of its sheet, else by its first known number."""
        register = self._work.runtime.operations
        codes = {operation for _, operation in self._lines.values()}
        for code in sorted(codes):
            if table.title == sheet_name(register.get(code).title):
                return _Asked(register.get(code))
        if CALL in table.headings:
            for number in table.rows:
                if found := self._lines.get(table.cells(number)[CALL]):
                    return _Asked(register.get(found[1]))
        named = f"工作表“{table.title}”" if table.title else "这个文件"
        raise Invalid(f"{named}不属于这份名册，请核对是否选错了文件，或工作表被改了名。")


class _Asked:
    """An operation with the columns of its answers."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.form: Form = reply_form(operation)
        self.columns: list[Column] = reply_columns(operation)

    def answers(self, cells: Mapping[str, str]) -> dict[str, Any]:
        """The answers of a row; of success every field counts, so that what is missing is named."""
        if not any(cells.get(column.title) for column in self.columns):
            return {}
        answers = answers_of(self.form, self.columns, cells)
        if answers.get("outcome") == "SUCCESS":
            return {"business": {}, **answers}
        return answers or {"outcome": ""}

    def by_heading(self, error: Invalid) -> dict[str, str]:
        """What is wrong, by heading."""
        if not error.errors:
            return {"": error.message}
        return by_heading(error.errors, self._headings)

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {column.path: column.title for column in self.columns}
