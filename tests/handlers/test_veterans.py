"""The veterans bureau's reply: months of service are worked out, unless they are said."""

import json
from typing import Any

import pytest

from handlers.veterans import LetterReply

SERVED = {"enlisted_on": "1985-10-15", "discharged_on": "1989-10-14"}


@pytest.mark.parametrize(
    ("said", "months"),
    [
        (SERVED, 47),
        ({**SERVED, "service_months": 48}, 48),
        ({"enlisted_on": "1985-10-15"}, None),
        ({"enlisted_on": "1989-10-14", "discharged_on": "1985-10-15"}, None),
        ({}, None),
    ],
)
def test_months_of_service(said: dict[str, Any], months: int | None) -> None:
    reply = LetterReply.model_validate_json(json.dumps({"found": True, **said}))
    assert reply.service_months == months
