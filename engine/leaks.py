"""Finding identity numbers, bank cards and mobile numbers that stand somewhere in the clear.

A number counts when its check digit is right (mobiles have none) and it stands by itself: hashes
and sealed bytes hold digits, too. Hand a number over as ``known`` to find it even inside a longer
run of characters.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.errors import Invalid
from engine.identity import check_bank_card, is_id_no, mask_card, mask_id_no, mask_mobile

Kind = Literal["身份证号", "银行账号", "手机号码"]

_ID_NO = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z.])[3-6][0-9]{15,18}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9][0-9]{9}(?![0-9A-Za-z])")
#: What every number of these kinds holds: a cheap first look, also for a database.
DIGITS = "[0-9]{11}"


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
