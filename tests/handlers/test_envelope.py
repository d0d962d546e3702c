"""An answer is understood completely or not at all, and the error says where it is wrong."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import handlers  # noqa: F401  (registers the operations)
from engine.errors import AgencyReplyUnreadable, Invalid
from engine.operations import operations
from handlers.envelope import MAX_BYTES, check_business, read_reply

REQUEST = UUID("01890000-0000-7000-8000-000000000001")
MEDICAL = operations.get("medical/retire")
RETIRED = {
    "converted": True,
    "deemed_months": 60,
    "total_months": 380,
    "required_months": 360,
}


def answer(**changes: Any) -> bytes:
    reply = {"request_id": str(REQUEST), "status": "SUCCESS", "business": RETIRED, **changes}
    return json.dumps(reply).encode()


def test_a_complete_success_is_read_with_defaults_filled_in() -> None:
    reply = read_reply(answer(handled_at="2027-05-21T09:00:00+08:00"), MEDICAL, REQUEST)
    assert reply.status == "SUCCESS"
    assert reply.business == {**RETIRED, "shortfall_months": 0, "pay_up_amount": 0}


def test_a_refusal_may_explain_itself_with_some_of_the_fields() -> None:
    raw = answer(
        status="FAILED", reason_code="CONDITION_NOT_MET", business={"shortfall_months": 14}
    )
    reply = read_reply(raw, MEDICAL, REQUEST)
    assert reply.reason_code == "CONDITION_NOT_MET"
    assert reply.business == {"shortfall_months": 14}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"business": {}}, "converted未填写"),
        ({"business": {**RETIRED, "bonus": 1}}, "bonus不应出现"),
        ({"business": {**RETIRED, "pay_up_amount": 10.5}}, "pay_up_amount格式不正确"),
        ({"business": {**RETIRED, "pay_up_amount": -1}}, "pay_up_amount格式不正确"),
        ({"business": {**RETIRED, "converted": "yes"}}, "converted格式不正确"),
        ({"business": {**RETIRED, "total_months": float("nan")}}, "无法识别"),
        ({"business": {**RETIRED, "nested": {"a": {"b": [1]}}}}, "nested不应出现"),
        ({"business": []}, "business格式不正确"),
        ({"status": "DONE"}, "status不在允许的取值之内"),
        ({"status": "FAILED", "reason_code": "BECAUSE"}, "未登记：BECAUSE"),
        ({"status": "FAILED", "reason_code": None}, "未登记：（空）"),
        ({"status": "FAILED", "reason_code": "drop table"}, "reason_code格式不正确"),
        ({"reason_text": "第一行\n伪造的第二行"}, "reason_text含有不可显示的字符"),
        ({"reason_text": "\x00"}, "reason_text含有不可显示的字符"),
        ({"reason_text": "长" * 401}, "reason_text文字过长"),
        ({"handled_at": "2027-05-21T09:00:00"}, "handled_at时间缺少时区"),
        ({"handled_at": 0}, "handled_at"),
        ({"request_id": "01890000-0000-7000-8000-000000000002"}, "请求编号"),
        ({"secret_field": 1}, "secret_field不应出现"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(AgencyReplyUnreadable) as caught:
        read_reply(answer(**changes), MEDICAL, REQUEST)
    assert said in caught.value.message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>502</html>",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"business":' * 5_000,
        b'{"request_id": "\\ud800"}',
        answer(business={**RETIRED, "converted": "\ud800"}),
        b'{"a":1,' + b" " * MAX_BYTES + b'"b":2}',
    ],
)
def test_garbage_is_refused_not_believed(raw: bytes) -> None:
    with pytest.raises(AgencyReplyUnreadable):
        read_reply(raw, MEDICAL, REQUEST)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_whatever_raise_anything_else(raw: bytes) -> None:
    with pytest.raises(AgencyReplyUnreadable):
        read_reply(raw, MEDICAL, REQUEST)


def test_the_error_never_repeats_what_was_sent() -> None:
    with pytest.raises(AgencyReplyUnreadable) as caught:
        read_reply(
            answer(business={**RETIRED, "converted": "220199196611200012"}), MEDICAL, REQUEST
        )
    assert "220199196611200012" not in caught.value.message


def test_parameters_are_checked_before_anything_is_sent() -> None:
    operation = operations.get("housing_fund/seal")
    good = {"centre": "changchun", "approval_no": "JL-1", "retire_date": "2027-05-20"}
    assert check_business(operation, good) == good
    with pytest.raises(Invalid) as caught:
        check_business(operation, {**good, "retire_date": None})
    assert list(caught.value.errors) == ["retire_date"]


def test_every_operation_names_itself_and_its_source_for_people() -> None:
    codes = {operation.code for operation in operations}
    assert codes >= {
        "police/household_check",
        "social_insurance/check_conditions",
        "social_insurance/assess",
        "social_insurance/pay",
        "medical/retire",
        "housing_fund/seal",
        "housing_fund/withdraw",
        "identity/verify",
    }
    for operation in operations:
        fields = operation.request.model_fields | operation.reply.model_fields
        assert operation.title and operation.source
        assert all(field.title for field in fields.values()), operation.code
        assert all(code.isupper() and words for code, words in operation.refusals.items())
