"""Money: integer fen inside, yuan on the screen."""

import re
from decimal import Decimal

#: What people type: thousands may be parted, at most two decimals.
_YUAN = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,2})?")


def fen(typed: str) -> int | None:
    """Read an amount typed in yuan; None if it is none.

    >>> fen("1,234.5")
    123450
    """
    text = typed.replace(",", "").replace("，", "").strip()
    return int(Decimal(text) * 100) if _YUAN.fullmatch(text) else None


def yuan(amount: int) -> str:
    """Write fen as yuan with two decimals, as an input field holds it.

    >>> yuan(-5)
    '-0.05'
    """
    whole, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:02d}"


def in_words(amount: int) -> str:
    """Write fen for reading: ``1,234.50 元``."""
    whole, rest = yuan(abs(amount)).split(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}.{rest} 元"
