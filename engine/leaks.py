"""Finding identity numbers, bank cards and mobile numbers that stand somewhere in the clear.

A number counts when its check digit is right (mobiles have none) and it stands by itself: hashes
and sealed bytes hold digits, too. Hand a number over as ``known`` to find it even inside a longer
run of characters.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from zipfile import ZipFile, is_zipfile

from engine.errors import Invalid
from engine.identity import check_bank_card, is_id_no, mask_card, mask_id_no, mask_mobile

Kind = Literal["身份证号", "银行账号", "手机号码"]

_ID_NO = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z.])[3-6][0-9]{15,18}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9][0-9]{9}(?![0-9A-Za-z])")
#: What every number of these kinds holds: a cheap first look, also for a database.
DIGITS = "[0-9]{11}"


#: Where a cell, a string or a paragraph of an office file ends; other tags may cut a number in two.
_ENDS = re.compile(rb"</(?:\w+:)?(?:c|si|p|is)>")
_TAG = re.compile(rb"<[^>]*>")
#: More of one part of a file than this is not read.
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Leak:
    """A number in the clear; shown masked, so that a report leaks nothing."""

    place: str
    kind: Kind
    shown: str

    def __str__(self) -> str:
        return f"{self.place}：{self.kind} {self.shown}"


def find_leaks(place: str, text: str, known: Collection[str] = ()) -> Iterator[Leak]:
    """Yield every number that stands in the clear.

    Args:
        place: where the text is from, for the report.
        text: a log, a page, a cell …; bytes decoded as Latin-1 will do.
        known: numbers to be found wherever they stand; the shape decides what they are called.
    """
    if not re.search(DIGITS, text):
        return
    for number in dict.fromkeys(_ID_NO.findall(text)):
        if is_id_no(number):
            yield Leak(place, "身份证号", mask_id_no(number))
    for number in dict.fromkeys(_CARD.findall(text)):
        if _is_card(number) and not is_id_no(number):
            yield Leak(place, "银行账号", mask_card(number))
    for number in dict.fromkeys(_MOBILE.findall(text)):
        yield Leak(place, "手机号码", mask_mobile(number))
    for number in known:
        if number in text and not re.search(rf"(?<![0-9A-Za-z.]){number}(?![0-9A-Za-z])", text):
            yield Leak(place, *_named(number))


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of a file with the place of each: lines, or the parts of an office file.

    Args:
        name: what the file is called in the report.
        content: a log, a page, a workbook or a document. Other kinds are read as lines, too; what
            is compressed in them (a PDF) stays unread.
    """
    if not is_zipfile(BytesIO(content)):
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            yield f"{name} 第 {number} 行", line
        return
    with ZipFile(BytesIO(content)) as book:
        for part in book.infolist():
            with book.open(part) as opened:
                markup = opened.read(_MOST_BYTES)
            plain = _TAG.sub(b"", _ENDS.sub(b"\n", markup))
            yield f"{name} 中的 {part.filename}", f"{markup!r}\n{plain.decode(errors='replace')}"


def _is_card(number: str) -> bool:
    try:
        check_bank_card(number)
    except Invalid:
        return False
    return True


def _named(number: str) -> tuple[Kind, str]:
    if len(number) == 11:
        return "手机号码", mask_mobile(number)
    if is_id_no(number):
        return "身份证号", mask_id_no(number)
    return "银行账号", mask_card(number)
