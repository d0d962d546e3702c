"""A person can see what arrived, answer it, and decide how the next requests are treated."""

import re

import httpx
import pytest

from tests.handlers.conftest import Receiver, Sandbox


@pytest.fixture
def visitor(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=sandbox.address, follow_redirects=True, trust_env=False)


def test_the_page_lists_agencies_and_what_arrived(sandbox: Sandbox, visitor: httpx.Client) -> None:
    assert "还没有收到请求" in visitor.get("/").text
    with sandbox.adapter() as medical:
        medical.send(sandbox.request())
    shown = visitor.get("/").text
    assert "医疗保险经办机构" in shown
    assert "JL2027052000001" in shown
    assert "没有找到相符的请求" in visitor.get("/", params={"q": "李四"}).text
    assert "JL2027052000001" in visitor.get("/", params={"q": "张建国"}).text


def test_an_outage_is_switched_on_and_off_from_the_page(
    sandbox: Sandbox, visitor: httpx.Client
) -> None:
    assert "停机中" in visitor.post("/outages/medical", data={"out": "1"}).text
    assert sandbox.office.instructions.outages() == {"medical"}
    assert "停机中" not in visitor.post("/outages/medical", data={"out": "0"}).text


def test_the_next_request_is_treated_as_the_page_was_told(
    sandbox: Sandbox, visitor: httpx.Client
) -> None:
    told = visitor.post(
        "/instructions",
        data={
            "kind": "refuse",
            "operation": "medical/retire",
            "reason": "medical/retire CONDITION_NOT_MET",
            "person": "张建国",
            "times": "1",
        },
    )
    assert "医疗保险缴费年限未达到规定年限" in told.text
    (line,) = sandbox.office.instructions.all()
    assert (line.person, line.times, line.behaviour.kind) == ("张建国", 1, "refuse")
    visitor.post(f"/instructions/{line.id}/take-back")
    assert sandbox.office.instructions.all() == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "explode", "times": "1"}, "请选择答复方式"),
        ({"kind": "wait", "times": "0"}, "次数应为"),
        ({"kind": "wait", "times": "1", "delay": "nan"}, "反馈间隔应为"),
        ({"kind": "wait", "times": "1", "business": "[1]"}, "JSON 对象"),
        ({"kind": "wait", "times": "1", "business": "[" * 9000}, "JSON 对象"),
        ({"kind": "wait", "times": "1", "operation": "x/y"}, "没有登记的服务操作"),
    ],
)
def test_a_mistake_on_the_page_is_explained_and_changes_nothing(
    sandbox: Sandbox, visitor: httpx.Client, data: dict[str, str], said: str
) -> None:
    answer = visitor.post("/instructions", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert sandbox.office.instructions.all() == []


def test_a_person_answers_a_waiting_request(
    sandbox: Sandbox, receiver: Receiver, visitor: httpx.Client
) -> None:
    sandbox.tell("wait")
    request = sandbox.request(callback_url=receiver.address)
    with sandbox.adapter() as medical:
        medical.send(request)
    desk = f"/desk/{request.request_id}"
    wrong = visitor.post(desk, data={"status": "SUCCESS", "business": '{"converted": "perhaps"}'})
    assert wrong.status_code == 422
    assert "converted格式不正确" in wrong.text
    visitor.post(desk, data={"status": "SUCCESS", "business": '{"total_months": 377}'})
    assert sandbox.later() == 1
    assert b'"total_months":377' in receiver.got[0]
    assert "已送达" in visitor.get(desk).text
    visitor.post(f"{desk}/again")
    assert sandbox.courier.carry() == 1
    assert len(receiver.got) == 2


def test_nothing_that_was_sent_can_run_in_the_page(sandbox: Sandbox, visitor: httpx.Client) -> None:
    evil = '<script>alert(1)</script>"><img src=x>'
    with sandbox.adapter() as medical:
        request = sandbox.request(case_no=evil)
        medical.send(request)
    for path in ("/", f"/desk/{request.request_id}"):
        answer = visitor.get(path)
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"


def test_another_site_cannot_press_our_buttons(sandbox: Sandbox, visitor: httpx.Client) -> None:
    answer = visitor.post(
        "/outages/medical", data={"out": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert sandbox.office.instructions.outages() == frozenset()


def test_every_field_of_the_page_has_a_label(visitor: httpx.Client) -> None:
    text = visitor.get("/").text
    for field in re.finditer(r"<(input|select|textarea)\b", text):
        before = text[: field.start()]
        assert before.rfind("<label") > before.rfind("</label"), text[field.start() :][:80]
