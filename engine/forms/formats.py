"""The formats a field may have: how they are written and checked."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from jsonschema import FormatChecker

from engine.errors import Invalid
from engine.identity import check_bank_card, check_id_no, check_mobile, check_uscc

_NUMBERS: dict[str, Callable[[str], str]] = {
    "cn-ric": check_id_no,
    "cn-uscc": check_uscc,
    "cn-mobile": check_mobile,
    "cn-bank-card": check_bank_card,
}
#: ``fen`` is for integers: cents inside, typed and shown in yuan. ``file``: id of an attachment.
FORMATS = frozenset({"date", "fen", "file", *_NUMBERS})
#: 2026-11-20, 2026/1/5, 2026.1.5, 2026年1月5日
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


def normalised(format_: str | None, text: str) -> str:
    """Bring a text into the one way its format is stored; unchanged if it does not fit."""
    if format_ == "date":
        found = _DATE.fullmatch(unicodedata.normalize("NFKC", text)) if len(text) < 20 else None
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text
    check = _NUMBERS.get(format_ or "")
    try:
        return check(text) if check else text
    except Invalid:
        return text


def format_checker(today: date | None) -> FormatChecker:
    """Return the validator's checker; the cause of its errors is an ``Invalid`` with a message."""
    checker = FormatChecker(formats=())

    def of_text(check: Callable[[str], object]) -> Callable[[Any], bool]:
        def conforms(value: Any) -> bool:
            if isinstance(value, str):  # other types are the business of ``type``
                check(value)
            return True

        return conforms

    checks: dict[str, Callable[[str], object]] = {
        **_NUMBERS,
        "cn-ric": lambda text: check_id_no(text, today),
        "date": _check_date,
        "file": _check_file,
    }
    for name, check in checks.items():
        checker.checks(name, raises=Invalid)(of_text(check))
    return checker


def _check_date(text: str) -> None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 2200:
        raise Invalid("应为有效日期，例如 2026-11-20")


def _check_file(text: str) -> None:
    try:
        UUID(text)
    except ValueError:
        raise Invalid("应为已上传的附件") from None
