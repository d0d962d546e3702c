"""The kinds of fields that business blocks are made of.

Agencies are outsiders: every text has a longest length and no control characters (PostgreSQL
would refuse a NUL, and a forged line break could fake a log line), every number has a range.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict


class Block(BaseModel):
    """A business block: no unknown fields, no silent conversion, never changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("文字中含有不可显示的字符")
    return text


#: A text on one line, as it may be shown to a clerk.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=400), AfterValidator(_printable)
]

#: The same, but not empty.
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_printable),
]

#: Numbers of people and their cards: masked where they are shown.
PersonNumber = Annotated[Word, Field(json_schema_extra={"format": "cn-ric", "x-sensitive": True})]
CardNumber = Annotated[
    Word, Field(json_schema_extra={"format": "cn-bank-card", "x-sensitive": True})
]

#: Money in fen, up to a hundred million yuan.
Fen = Annotated[int, Field(ge=0, le=10_000_000_000, json_schema_extra={"format": "fen"})]

#: A number of months of contributions; nobody contributes for a hundred years.
Months = Annotated[int, Field(ge=0, le=1200)]


def titled(**titles: str) -> JsonDict:
    """What the values of a ``Literal`` are called on pages: a field's ``json_schema_extra``."""
    return {"oneOf": [{"const": value, "title": title} for value, title in titles.items()]}


#: A month such as ``2027-06``.
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]

#: A coded reason: upper-case ASCII.
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,59}$")]
