"""Numbers that name people, units and accounts: checking, normalising, masking.

Resident identity numbers (公民身份号码, GB 11643-1999), unified social credit codes
(统一社会信用代码, GB 32100-2015), bank cards (Luhn) and mobile numbers. Every check returns the
number as it is stored, or raises ``Invalid`` with the sentence the person at the screen reads.

County codes are never checked: people keep the code of the place and time of first numbering, and
most retirees carry codes that were abolished long ago. That is why no library is used here: those
at hand tie the county to the birth date and turn away nearly everybody who retires.

>>> check_id_no(" 64019919761231005x ")
'64019919761231005X'
>>> mask_id_no("64019919761231005X")
'640199********005X'
"""

import re
import unicodedata
from datetime import date
from typing import Literal

from engine.errors import Invalid

#: First two digits of the province-level codes of GB/T 2260, and 81–83 of residence permits.
PROVINCES = frozenset(
    f"{code}"
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_LONGEST = 100


def normalise(text: str) -> str:
    """Bring a number typed by a person into one form: half-width, no spaces, upper case."""
    if len(text) > _LONGEST:  # nothing this long is a number; do not work on it
        return text[:_LONGEST]
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def check_id_no(text: str, today: date | None = None) -> str:
    """Check a resident identity number and return its 18 characters.

    Args:
        text: as typed.
        today: births after this day are refused; None leaves that to somebody who has a clock.

    Raises:
        Invalid: not a resident identity number. Do not retry.

    Source: GB 11643-1999.
    """
    number = normalise(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Invalid("公民身份号码应为 18 位，前 17 位为数字")
    if number[:2] not in PROVINCES:
        raise Invalid("公民身份号码的前两位不是省级行政区划代码")
    try:
        birth = birth_date(number)
    except ValueError:
        raise Invalid("公民身份号码中的出生日期不存在") from None
    if birth.year < 1900 or (today is not None and birth > today):
        raise Invalid("公民身份号码中的出生日期不合理")
    if number[17] != _id_check(number):
        raise Invalid("公民身份号码校验不通过，请核对")
    return number


#: An identity number, a bank card, a telephone; a case's number begins with letters.
_PERSONS = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,}[Xx]?(?![0-9A-Za-z])")


def may_name_somebody(text: str) -> bool:
    """Whether a number of a person may stand in a text, mistyped ones too.

    Such a text must not stand in an address (URL).
    """
    return _PERSONS.search(normalise(text)) is not None


def is_id_no(text: str) -> bool:
    """Whether this is somebody's identity number."""
    try:
        check_id_no(text)
    except Invalid:
        return False
    return True


def from_old_id_no(text: str, today: date | None = None) -> str:
    """Turn a first-generation number of 15 digits into its 18; one of 18 is only checked.

    For archive data alone: such numbers have not been valid on a card since 2013.

    Raises:
        Invalid: neither form. Do not retry.
    """
    number = normalise(text)
    if re.fullmatch(r"[0-9]{15}", number):
        number = f"{number[:6]}19{number[6:]}"
        number += _id_check(number)
    return check_id_no(number, today)


def birth_date(id_no: str) -> date:
    """Return the date of birth in a resident identity number of 18 characters."""
    return date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))


def sex(id_no: str) -> Literal["male", "female"]:
    """Return the sex in a resident identity number: an odd sequence number is a man's."""
    return "male" if int(id_no[16]) % 2 else "female"


def facts_of(id_no: str) -> dict[str, str]:
    """The number and what it tells of a person, as the section ``person`` holds them."""
    return {"id_no": id_no, "sex": sex(id_no), "birth": birth_date(id_no).isoformat()}


def check_uscc(text: str) -> str:
    """Check a unified social credit code and return its 18 characters.

    Raises:
        Invalid: not such a code. Do not retry.

    Source: GB 32100-2015.
    """
    code = normalise(text)
    if len(code) != 18:
        raise Invalid("统一社会信用代码应为 18 位")
    if not set(code) <= set(_USCC_ALPHABET):
        raise Invalid("统一社会信用代码只含数字和大写字母，且不含 I、O、Z、S、V")
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, code, strict=False))
    if code[17] != _USCC_ALPHABET[-total % 31]:
        raise Invalid("统一社会信用代码校验不通过，请核对")
    return code


def check_bank_card(text: str) -> str:
    """Check a bank card number (spaces and hyphens as printed on cards are taken out).

    Raises:
        Invalid: not 16 to 19 digits, or mistyped. Do not retry.

    Source: ISO/IEC 7812-1 (Luhn).
    """
    number = normalise(text).replace("-", "")
    if not re.fullmatch(r"[0-9]{16,19}", number):
        raise Invalid("银行账号应为 16 至 19 位数字")
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(number))]
    if sum(d - 9 if d > 9 else d for d in doubled) % 10:
        raise Invalid("银行账号校验不通过，请核对")
    return number


def check_mobile(text: str) -> str:
    """Check a mainland mobile number and return its 11 digits; ``+86`` and hyphens may be typed.

    Raises:
        Invalid: not a mobile number. Do not retry.
    """
    number = normalise(text).replace("-", "")
    number = number.removeprefix("+86")
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise Invalid("手机号码应为 11 位，以 1 开头")
    return number


def mask_id_no(number: str) -> str:
    """Show the first six and last four characters: ``220199********0011``."""
    return _masked(number, 6, 4)


def mask_mobile(number: str) -> str:
    """Show the first three and last four digits: ``138****8000``."""
    return _masked(number, 3, 4)


def mask_card(number: str) -> str:
    """Show the last four digits of a bank card."""
    return _masked(number, 0, 4)


def _masked(text: str, head: int, tail: int) -> str:
    """Hide all but both ends; hide everything when the ends would be most of it."""
    hidden = len(text) - head - tail
    if hidden < 4:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def _id_check(number: str) -> str:
    total = sum(w * int(c) for w, c in zip(_ID_WEIGHTS, number, strict=False))
    return _ID_CHECK[total % 11]
