"""The vectors of the national rules, and dates as they write them."""

import json
from datetime import date
from pathlib import Path

from engine.rules.retirement_age import AgeClass, age_class

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads((DATA / "vectors.json").read_text("utf-8"))


def day(text: str) -> date:
    """``1966-11`` means its first day."""
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def of(category: str) -> AgeClass:
    """``male60`` → ``60``."""
    return age_class(category[-2:])
