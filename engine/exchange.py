"""交换名册: the lists with which requests travel to agencies that have no interface.

One sheet per operation, one row per request: what is asked on the left, protected; what the agency
answers on the right, the same fields as the form of a desk.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.access import Actor
from engine.errors import NotFound
from engine.operation_forms import reply_form, request_form
from engine.operations import Operation, OperationRegister
from engine.packs.region import RegionConfig
from engine.sheets import Column, Sheet, cell_of, columns_of, write_book

CALL, KIND, CASE, STATE = "请求编号", "类别", "办件编号", "登记结果"
KINDS: Mapping[str, str] = {"new": "办理", "cancel": "撤销"}
#: The reason means something else for each outcome; a column has one heading.
_HEADINGS = {"reason": "原因或需补正的内容"}
_ADVICE = (
    "本名册由“一件事”系统导出。请在黄色单元格中填写办理结果，其余内容请勿改动。",
    "“办理结果”为空的行视为尚未办理，可以分几次填写、上传。",
    "类别为“撤销”的，是申请人已撤回的请求，请停止办理，不需填写。",
    "金额以元为单位；日期写成 2027-05-20；“是否”填写是或否。",
    "填好后在系统“交换名册”页面上传本文件，系统逐行核对后登记。",
)


@dataclass(frozen=True)
class Line:
    """A request in a list: ``asked`` holds the person and the parameters."""

    call_id: UUID
    case_id: UUID
    kind: str
    operation: str
    case_no: str
    title: str
    asked: Mapping[str, Any]


def may_exchange(actor: Actor, config: RegionConfig, agency: str) -> bool:
    """Whether the actor may hand lists to an agency: its desk, the liaison, the administrator.

    A list holds what waits in the whole region, so a desk of one office may not.
    """
    if agency not in config.agencies:
        return False
    roles = {config.desk_of(agency), "liaison", "admin"} - {None}
    return any(actor.holds(str(role), config.code) for role in roles)


def require_exchange(actor: Actor, config: RegionConfig, agency: str) -> None:
    """Raise ``NotFound`` unless the actor may."""
    if not may_exchange(actor, config, agency):
        raise NotFound


def request_columns(operation: Operation) -> list[Column]:
    """The columns of what is asked."""
    return columns_of(request_form(operation))


def reply_columns(operation: Operation) -> list[Column]:
    """The columns of what is answered; a heading that is taken by the question says so."""
    taken = {column.title for column in request_columns(operation)} | {CALL, KIND, CASE, STATE}
    form = reply_form(operation)
    plain = columns_of(form, _HEADINGS)
    own = {one.path: f"{one.title}（结果）" for one in plain if one.title in taken}
    return columns_of(form, {**_HEADINGS, **own})


def write_roster(register: OperationRegister, title: str, lines: Sequence[Line]) -> bytes:
    """The workbook of a list."""
    codes = dict.fromkeys(line.operation for line in lines)
    sheets = [
        _sheet(register.get(code), [line for line in lines if line.operation == code])
        for code in codes
    ]
    return write_book(sheets, (title, *_ADVICE))


def _sheet(operation: Operation, lines: Iterable[Line]) -> Sheet:
    asked, answered = request_columns(operation), reply_columns(operation)
    return Sheet(
        title=operation.title,
        headings=[CALL, KIND, CASE, *(c.title for c in asked), *(c.title for c in answered), STATE],
        rows=[
            [
                str(line.call_id),
                KINDS[line.kind],
                line.case_no,
                *(cell_of(column, line.asked.get(column.path)) for column in asked),
                *("" for _ in answered),
                "",
            ]
            for line in lines
        ],
        open_from=3 + len(asked),
        choices={c.title: list(c.options) for c in answered if c.options and not c.is_list},
        required=frozenset(column.title for column in answered if column.required),
    )
