"""出生日期认定: which day of birth counts when identity card and personnel file disagree.

Source: 劳社部发〔1999〕8号: the earliest record in the file prevails. Three dates are kept: of
the card, of the file, and the one that is used, with its reason; nothing is worked out silently
from the card.
"""

import re
from datetime import date
from typing import NamedTuple

from engine.errors import Invalid
from engine.rules.verdict import Verdict, fine, person, refused

LAW = "劳社部发〔1999〕8号"
_TEXT = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


class Birth(NamedTuple):
    """The date that counts, as exact as the record is (``1964-11``); None: a person decides."""

    used: str | None
    verdict: Verdict


def decide_birth(card: str | None, file: str | None, *, missing_month: int | None = None) -> Birth:
    """Decide which birth date is used.

    Args:
        card: ISO day of the identity card.
        file: the earliest record in the file, ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; None if it
            cannot be read.
        missing_month: the month the region takes where the file names only the year.

    Raises:
        Invalid: a text is no date. Do not retry.
    """
    if file is None:
        return Birth(None, person("birth", "档案中的出生日期无法辨认，请人工认定。", LAW))
    _check(file)
    if len(file) == 4:
        if missing_month is None:
            message = f"档案只记载出生年份 {file}，请按本地规定人工认定月份。"
            return Birth(None, person("birth", message, LAW))
        file = f"{file}-{missing_month:02d}"
    if card is None:
        return Birth(file, fine("birth", f"按档案最先记载 {file}。", LAW))
    _check(card)
    if card.startswith(file):
        return Birth(card, fine("birth", f"身份证与档案记载一致：{card}。", LAW))
    message = f"身份证记载 {card}，档案最先记载 {file}，两者不一致，按档案最先记载认定。"
    return Birth(file, person("birth", message, LAW))


def check_used(decided: Birth, used: str, reason: str | None, *, approved: str | None) -> Verdict:
    """Whether the date a person wrote down follows from the records, or why not.

    Args:
        used: the date that is to count.
        reason: in the person's words; needed where the date differs from the records.
        approved: the date an earlier approval went by, if there was one.
    """
    _check(used)
    if approved is not None and approved != used:
        message = f"审批时认定为 {approved}，现为 {used}，须重新审批并保留原认定。"
        return person("birth", message, LAW)
    if decided.used is not None and used.startswith(decided.used):
        return fine("birth", f"认定为 {used}，与记载相符。", LAW)
    if not (reason or "").strip():
        return refused("birth", f"认定为 {used}，与记载不符，须写明理由和依据。", LAW)
    return person("birth", f"认定为 {used}，与记载不符，理由须经复核。", LAW)


def first_day(text: str) -> date:
    """The first day a record may mean: what dates are worked out from when a day is missing."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def _check(text: str) -> None:
    try:
        first_day(text)
    except ValueError:
        raise Invalid(f"出生日期“{text[:20]}”应写作 1966-11-20、1966-11 或 1966。") from None


def _parts(text: str) -> tuple[int, int, int]:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2] or 0), int(found[3] or 0)
