"""Plausible business results. An agency would look them up; we work them out from the request.

The same request always gives the same amounts, so that a story can be told twice.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zlib import crc32

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel

from engine.clock import office_date
from engine.operations import Operation
from handlers.envelope import Request

Block = dict[str, Any]


def success(operation: Operation, request: Request, now: datetime) -> Block:
    """The business block of a success; for an agency not known here, one that fits its model."""
    known = _KNOWN.get(operation.code)
    return known(request, now) if known else sample(operation.reply, now)


def refusal(operation: Operation, code: str) -> Block:
    """The fields that explain a refusal, where there are any."""
    return dict(_REFUSALS.get((operation.code, code), {}))


def sample(model: type[BaseModel], now: datetime) -> Block:
    """The smallest business block that fits a model."""
    schema = model.model_json_schema()
    return _object(schema, schema.get("$defs", {}), now)


def _object(schema: Block, definitions: Block, now: datetime) -> Block:
    """The required fields, each with the first value its JSON Schema allows."""
    return {
        name: _value(schema["properties"][name], definitions, now)
        for name in schema.get("required", [])
    }


def _value(schema: Block, definitions: Block, now: datetime) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    elif "anyOf" in schema:
        schema = schema["anyOf"][0]
    if schema.get("type") == "object":
        return _object(schema, definitions, now)
    if "enum" in schema:
        return schema["enum"][0]
    by_kind = {
        "boolean": True,
        "integer": schema.get("minimum", 0),
        "array": [],
        "date": _day(now),
        "date-time": now.isoformat(),
        "string": _day(now)[:7] if "pattern" in schema else "已办理",
    }
    kind = schema.get("format")
    return schema.get("const", by_kind[kind if kind in by_kind else schema["type"]])


def _day(now: datetime) -> str:
    return office_date(now).isoformat()


def _number(request: Request, salt: str, low: int, high: int) -> int:
    """A number of this person's own, the same every time."""
    return low + crc32(f"{salt}{request.person.id_no}".encode()) % (high - low)


def _balance(request: Request) -> int:
    return _number(request, "fund", 3_000_000, 18_000_000)


def _household(request: Request, now: datetime) -> Block:
    return {
        "match": True,
        "life_status": "alive",
        "household_region": f"行政区划代码 {request.person.id_no[:6]}",
        "checked_at": now.isoformat(),
    }


def _contributions(request: Request, now: datetime) -> Block:
    return {"contributed_months": _number(request, "months", 300, 420)}


def _conditions(request: Request, now: datetime) -> Block:
    reached = request.business["retire_date"] <= _day(now)
    return {
        "met": reached,
        "unmet": [] if reached else ["尚未到达退休日期"],
        "contributed_months": _number(request, "months", 300, 420),
        "deemed_months": request.business["deemed_months"],
        "required_months": 180,
    }


def _assessment(request: Request, now: datetime) -> Block:
    retired = date.fromisoformat(request.business["retire_date"])
    annuity = request.business["annuity"]
    return {
        "transfer": "done",
        "pension": "done",
        "annuity": "done" if annuity else "not_applicable",
        "injury_ended": "done",
        "unemployment_ended": "done",
        "monthly_pension": _number(request, "pension", 280_000, 620_000),
        "monthly_annuity": _number(request, "annuity", 60_000, 160_000) if annuity else 0,
        "first_month": (retired + relativedelta(months=1)).strftime("%Y-%m"),
    }


def _calculation(request: Request, now: datetime) -> Block:
    retired = date.fromisoformat(request.business["retire_date"])
    return {
        "monthly_pension": _number(request, "pension", 220_000, 480_000),
        "first_month": (retired + relativedelta(months=1)).strftime("%Y-%m"),
        "basis": "基础养老金、个人账户养老金、过渡性养老金按退休时计发基数核定",
        "certificate_no": f"TX{_number(request, 'certificate', 10_000_000, 99_999_999)}",
    }


def _taken_over(request: Request, now: datetime) -> Block:
    return {"received_by": "联络员", "received_on": _day(now)}


def _payment(request: Request, now: datetime) -> Block:
    amount = request.business["amount"]
    return {"paid_on": _day(now), "amount": amount, "bank_name": "社会保障卡开户银行"}


def _medical(request: Request, now: datetime) -> Block:
    required = 360 if int(request.person.id_no[16]) % 2 else 300
    return {
        "converted": True,
        "deemed_months": request.business["deemed_months"],
        "total_months": required + _number(request, "medical", 0, 60),
        "required_months": required,
    }


def _sealed(request: Request, now: datetime) -> Block:
    return {"sealed_on": _day(now), "balance": _balance(request)}


def _withdrawn(request: Request, now: datetime) -> Block:
    principal = _balance(request)
    return {"principal": principal, "interest": principal * 15 // 2000, "paid_on": _day(now)}


def _eligible(request: Request, now: datetime) -> Block:
    del now
    return {"balance": _balance(request)}


def _veteran(request: Request, now: datetime) -> Block:
    """Joined at eighteen and a half, served four years, then placed in a factory."""
    del now
    number = request.person.id_no
    born = date(int(number[6:10]), int(number[10:12]), 1)
    joined = born + relativedelta(years=18, months=6)
    return {
        "found": True,
        "birth_in_file": born.isoformat(),
        "enlisted_on": joined.isoformat(),
        "discharged_on": (joined + relativedelta(years=4)).isoformat(),
        "placement": "退役后由政府安排工作",
    }


def _reviewed(request: Request, now: datetime) -> Block:
    born = request.person.id_no[6:14]
    return {
        "agency": "示范省社会保险事业管理中心",
        "conclusion": "passed",
        "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "deemed_months": _number(request, "deemed", 0, 120),
        "reviewed_on": _day(now),
    }


def _transferred(request: Request, now: datetime) -> Block:
    return {"months": _number(request, "transfer", 6, 120), "finished_on": _day(now)}


def _verified(request: Request, now: datetime) -> Block:
    return {"token": f"RN-{request.request_id.hex[-12:]}", "verified_at": now.isoformat()}


def _text(request: Request, now: datetime) -> Block:
    """A text of more than 70 characters travels in parts of 67."""
    length = len(request.business["text"])
    return {"parts": 1 if length <= 70 else -(-length // 67), "delivered_on": _day(now)}


_KNOWN: Mapping[str, Callable[[Request, datetime], Block]] = {
    "police/household_check": _household,
    "social_insurance/check_contributions": _contributions,
    "social_insurance/check_conditions": _conditions,
    "social_insurance/assess": _assessment,
    "social_insurance/pay": _payment,
    "social_insurance/calculate": _calculation,
    "medical/take_over": _taken_over,
    "medical/retire": _medical,
    "housing_fund/take_over": _taken_over,
    "housing_fund/seal": _sealed,
    "housing_fund/withdraw": _withdrawn,
    "housing_fund/check_eligibility": _eligible,
    "identity/verify": _verified,
    "transfer/pre_review": _reviewed,
    "transfer/relation": _transferred,
    "messaging/sms": _text,
    "veterans/confirm": _veteran,
}

_REFUSALS: Mapping[tuple[str, str], Block] = {
    ("police/household_check", "MISMATCH"): {"match": False, "mismatch_fields": ["name"]},
    ("police/household_check", "DECEASED"): {"life_status": "deceased"},
    ("medical/retire", "CONDITION_NOT_MET"): {
        "converted": False,
        "shortfall_months": 14,
        "pay_up_amount": 588_000,
    },
}
