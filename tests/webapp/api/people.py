"""People invented for a test: formally right numbers that belong to nobody (rules R6)."""

from datetime import date

from tests.stage import RETIREE, Stage
from webapp.demo import synthetic_id_no


def register(stage: Stage, count: int) -> list[str]:
    """Register so many people, each with an open pre-review; return the case numbers."""
    numbers = [
        synthetic_id_no("220199", date(1966, 11, 20), turn) for turn in range(101, 101 + count)
    ]
    return [
        stage.start("record_prereview", stage.li, {**RETIREE, "id_no": number}).no
        for number in numbers
    ]
