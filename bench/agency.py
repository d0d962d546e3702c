"""An agency that says yes at once to everything the workload asks. One WSGI application.

It checks the signature as a real one would; ``BENCH_AGENCY_SECRET`` is the installation's secret.
"""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from engine.errors import Forbidden
from handlers.signature import SIGNATURE, TIMESTAMP, agency_key, verify

#: What each operation of ``bench/pack`` is answered with.
RESULTS = {
    "police/household_check": {
        "match": True,
        "life_status": "alive",
        "household_region": "示范市",
        "checked_at": "2026-01-05T09:00:00+08:00",
    },
    "medical/retire": {
        "converted": True,
        "deemed_months": 60,
        "total_months": 440,
        "required_months": 360,
    },
    "housing_fund/seal": {"sealed_on": "2026-01-05", "balance": 12_345_678},
    "social_insurance/check_conditions": {
        "met": True,
        "contributed_months": 380,
        "deemed_months": 60,
        "required_months": 240,
    },
}
_secret = bytes.fromhex(os.environ["BENCH_AGENCY_SECRET"])


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    path = environ["PATH_INFO"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    operation = path.removeprefix("/agencies/")
    headers = {
        name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "")
        for name in (TIMESTAMP, SIGNATURE)
    }
    try:
        verify(agency_key(_secret, operation.split("/")[0]), "POST", path, body, headers)
    except Forbidden:
        start_response("401 Unauthorized", [])
        return [b""]
    reply = {
        "request_id": json.loads(body)["request_id"],
        "status": "SUCCESS",
        "handled_by": "示范经办人",
        "business": RESULTS[operation],
    }
    answer = json.dumps(reply, ensure_ascii=False).encode()
    headers_out = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers_out)
    return [answer]
