"""The wall around SpiffWorkflow: what a running process tells, and what it refuses."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from engine.errors import Conflict, DiagramFault, PackInvalid
from engine.spiff import state
from engine.spiff.process import SERIALIZER, ProcessInstance, compile_process, load_definition
from tests.engine.bpmn import HEAD, TERMINATE, Process, document, error, message, timer
from tests.engine.spiff.running import FUNCTIONS, Running, define


def fund_item() -> Process:
    """One agency's matter: seal, and do it again when refused."""
    return (
        Process("fund_item", lane="公积金中心")
        .start()
        .gateway("exclusive", "again")
        .service(
            "seal",
            "housing_fund/seal",
            {"amount": "fund.amount", "months": "this.check.months"},
            properties={"section": "this.seal", "deadline": "seal"},
        )
        .boundary("refused", "seal", error("REFUSED"))
        .user("mend", lane="申请人")
        .end("sealed", properties={"item_state": "sealed"})
        .path("begin", "again", "seal", "sealed")
        .path("refused", "mend", "again")
    )


def joint_case() -> Process:
    return (
        Process("joint_case", lane="申请人")
        .start()
        .user("apply", properties={"section": "items"})
        .call("fund", "fund_item", properties={"item": "fund", "item_state": "in_progress"})
        .boundary("withdrawn", "fund", message("withdraw"))
        .boundary("lapsed", "fund", timer('at("2027-06-20", 9)'), properties={"item_state": "x"})
        .node("sendTask", "tell", properties={"notice": "closing", "to": "person"})
        .end()
        .end("gone")
        .end("late")
        .path("begin", "apply", "fund", "tell", "done")
        .flow("withdrawn", "gone")
        .flow("lapsed", "late")
    )


CASE = define(fund_item(), joint_case(), messages="withdraw", errors="REFUSED")
NAMES = {"fund": {"amount": 5}, "fund.check": {"months": 180}}


def sealing() -> Running:
    case = Running(CASE, NAMES)
    case.complete("apply")
    return case


def test_starting_runs_to_the_first_wait_and_tells_the_way() -> None:
    case = Running(CASE, NAMES)
    assert [(v.element, v.kind) for v in case.step.visits] == [
        ("begin", "startEvent"),
        ("begin_to_apply", "sequenceFlow"),
        ("apply", "userTask"),
    ]
    (opened,) = case.step.opened
    assert (opened.kind, opened.element, opened.lane, opened.item) == (
        "user",
        "apply",
        "申请人",
        None,
    )
    assert opened.properties == {"section": "items"}
    assert not case.step.finished


def test_a_call_carries_its_parameters_and_belongs_to_its_item() -> None:
    case = sealing()
    call = next(w for w in case.step.opened if w.kind == "call")
    assert call.operation == "housing_fund/seal"
    assert call.parameters == {"amount": 5, "months": 180}
    assert (call.item, call.process, call.lane) == ("fund", "fund_item", "公积金中心")
    assert call.properties == {"section": "this.seal", "deadline": "seal"}
    assert [c.wait.element for c in case.step.closed] == ["apply"]
    assert not case.step.closed[0].cancelled


def test_a_called_process_is_entered_after_its_caller_and_belongs_to_the_item() -> None:
    case = sealing()
    visits = [(v.element, v.process, v.item) for v in case.step.visits]
    assert visits[:4] == [
        ("apply_to_fund", "joint_case", "fund"),
        ("fund", "joint_case", "fund"),
        ("begin", "fund_item", "fund"),
        ("begin_to_again", "fund_item", "fund"),
    ]
    assert case.step.visits[1].properties["item_state"] == "in_progress"


def test_boundary_messages_and_timers_are_waits_too() -> None:
    waits = {w.element: w for w in sealing().instance.waits()}
    assert waits["withdrawn"].kind == "message"
    assert waits["withdrawn"].message == "withdraw"
    assert waits["lapsed"].due_at == datetime(2027, 6, 20, 1, tzinfo=UTC)
    assert waits["lapsed"].item == "fund"  # it stands on the activity of that item


def test_an_answer_leads_to_the_end_and_notices_are_visits() -> None:
    case = sealing()
    step = case.finish("seal")
    assert case.visited() == ["sealed", "tell", "done"]
    tell = next(v for v in step.visits if v.kind == "sendTask")
    assert tell.properties == {"notice": "closing", "to": "person"}
    assert case.finished
    assert case.outcome == "done"
    assert {c.wait.element: c.cancelled for c in step.closed} == {
        "seal": False,
        "withdrawn": True,
        "lapsed": True,
    }
    assert case.waiting == []


def test_a_refusal_goes_to_the_boundary_of_its_own_token() -> None:
    case = sealing()
    step = case.refuse("seal", "REFUSED")
    assert step is not None
    assert case.visited() == ["refused", "mend"]
    assert [(c.wait.element, c.cancelled) for c in step.closed] == [("seal", False)]
    case.complete("mend")
    assert case.waiting == ["lapsed", "seal", "withdrawn"]


def test_a_refusal_nobody_catches_changes_nothing() -> None:
    case = sealing()
    before = case.instance.dump()
    assert case.refuse("seal", "UNHEARD_OF") is None
    assert case.instance.dump() == before


@pytest.mark.parametrize(("event", "end"), [("withdrawn", "gone"), ("lapsed", "late")])
def test_an_interrupting_boundary_cancels_what_is_inside(event: str, end: str) -> None:
    case = sealing()
    call = case.wait("seal").token
    case.act(event)
    assert case.outcome == end
    closed = {c.wait.element: c.cancelled for c in case.step.closed}
    assert closed == {"seal": True, "withdrawn": event != "withdrawn", "lapsed": event != "lapsed"}
    with pytest.raises(Conflict):
        case.instance.finish_call(call)
    assert ("joint_case", "fund") not in case.instance.passed()


def test_a_late_or_repeated_reply_changes_nothing() -> None:
    case = sealing()
    call, form = case.wait("seal").token, uuid4()
    case.refuse("seal", "REFUSED")
    for act in (
        lambda: case.instance.finish_call(call),
        lambda: case.instance.refuse_call(call, "REFUSED"),
        lambda: case.instance.complete_task(form),
        lambda: case.instance.complete_task(call),
        lambda: case.instance.deliver(case.wait("mend").token),
        lambda: case.instance.fire_timer(case.wait("withdrawn").token),
    ):
        before = case.instance.dump()
        with pytest.raises(Conflict):
            act()
        assert case.instance.dump() == before


def test_passed_elements_survive_the_end_of_their_process() -> None:
    case = sealing()
    case.finish("seal")
    passed = case.instance.passed()
    assert {
        ("fund_item", "seal"),
        ("fund_item", "seal_to_sealed"),
        ("joint_case", "tell"),
    } <= passed
    assert ("fund_item", "refused") not in passed


def test_every_flow_taken_is_told_boundary_events_included() -> None:
    case = sealing()
    case.refuse("seal", "REFUSED")
    case.complete("mend")
    case.finish("seal")
    assert {"refused_to_mend", "mend_to_again", "again_to_seal", "seal_to_sealed"} <= set(
        case.flows()
    )


def test_a_timer_never_fires_by_itself_and_can_be_moved() -> None:
    past = Process("p").start().catch("wait", timer('at("2001-01-01", 9)')).end()
    case = Running(define(past.path("begin", "wait", "done")))
    assert case.waiting == ["wait"]
    case.instance.move_timer(case.wait("wait").token, datetime(2030, 1, 1, tzinfo=UTC))
    case._again()
    assert case.waiting == ["wait"]
    assert case.wait("wait").due_at == datetime(2030, 1, 1, tzinfo=UTC)
    case.fire("wait")
    assert case.finished


@pytest.mark.parametrize("expression", ["fund.date", '"P5D"', '"2027-05-20"', "today()", "1"])
def test_a_timer_without_an_instant_is_a_fault_of_the_diagram(expression: str) -> None:
    diagram = Process("p").start().catch("wait", timer(expression)).end()
    with pytest.raises(DiagramFault, match="定时"):
        Running(define(diagram.path("begin", "wait", "done")), {"fund": {}})


def event_gateway() -> Process:
    return (
        Process("p")
        .start()
        .gateway("exclusive", "loop")
        .gateway("eventBased", "first")
        .catch("met", message("met"))
        .catch("later", timer('at("2027-06-20", 9)'))
        .catch("never", timer('at("2037-06-20", 9)'))
        .user("check")
        .end("done")
        .end("over")
        .path("begin", "loop", "first", "met", "done")
        .path("first", "later", "check", "loop")
        .path("first", "never", "over")
    )


def test_an_event_gateway_waits_for_each_event_by_itself() -> None:
    case = Running(define(event_gateway(), messages="met"))
    due = {w.element: w.due_at and w.due_at.year for w in case.instance.waits()}
    assert due == {"met": None, "later": 2027, "never": 2037}
    case.fire("later")
    assert case.waiting == ["check"]
    closed = {c.wait.element: c.cancelled for c in case.step.closed}
    assert closed == {"later": False, "met": True, "never": True}
    assert case.visited() == ["later", "check"]
    case.complete("check")
    assert case.waiting == ["later", "met", "never"]
    case.deliver("met")
    assert case.outcome == "done"
    assert case.flows().count("first_to_later") == 1


def test_two_branches_waiting_for_one_message_are_told_apart() -> None:
    fork = Process("p").start().gateway("parallel", "fork").gateway("parallel", "join").end()
    fork.catch("a", message("m")).catch("b", message("m"))
    fork.path("begin", "fork", "a", "join", "done").path("fork", "b", "join")
    case = Running(define(fork, messages="m"))
    case.deliver("a")
    assert case.waiting == ["b"]
    case.deliver("b")
    assert case.finished


def test_a_refusal_of_one_item_leaves_the_others_alone() -> None:
    main = Process("main").start().gateway("inclusive", "fork", default="fork_to_join")
    main.gateway("inclusive", "join").end()
    for item in ("pension", "medical", "fund"):
        main.call(item, "fund_item", properties={"item": item})
        main.boundary(f"{item}_failed", item, error("BROKEN")).user(f"{item}_redo")
        main.flow("fork", item, f'"{item}" in apply.items').flow(item, "join")
        main.path(f"{item}_failed", f"{item}_redo", "join")
    main.path("begin", "fork", "join", "done")
    definition = define(fund_item(), main, errors="REFUSED BROKEN")
    names = {"apply": {"items": ["medical", "fund"]}}
    case = Running(definition, names)
    assert [(w.element, w.item) for w in case.instance.waits()] == [
        ("seal", "medical"),
        ("seal", "fund"),
    ]
    fund = next(w for w in case.instance.waits() if w.item == "fund")
    assert case.instance.refuse_call(fund.token, "BROKEN") is not None
    assert sorted((w.element, w.item) for w in case.instance.waits()) == [
        ("fund_redo", None),
        ("seal", "medical"),
    ]
    case._again()
    case.complete("fund_redo")
    case.finish("seal")
    assert case.finished


def test_an_inner_boundary_goes_first_and_a_named_code_before_any_code() -> None:
    inner = Process("inner").start().service("ask").boundary("mine", "ask", error("A")).end()
    inner.end("no")
    inner.path("begin", "ask", "done").flow("mine", "no")
    outer = Process("outer").start().call("call", "inner").end().end("a").end("b").end("any")
    outer.boundary("on_b", "call", error("B")).boundary("on_any", "call", error(None))
    outer.boundary("on_a", "call", error("A"))
    outer.path("begin", "call", "done").flow("on_b", "b").flow("on_any", "any").flow("on_a", "a")
    definition = define(inner, outer, errors="A B")
    for code, end in (("A", "done"), ("B", "b"), ("C", "any")):
        case = Running(definition)
        case.refuse("ask", code)
        assert case.outcome == end


def test_an_error_end_event_interrupts_the_activity_around_it() -> None:
    inner = Process("inner").start().gateway("parallel", "fork").user("check", "other").end()
    inner.end("dead", error("DECEASED"))
    inner.path("begin", "fork", "check", "dead").path("fork", "other", "done")
    outer = Process("outer").start().call("call", "inner").end().end("heirs")
    outer.boundary("deceased", "call", error("DECEASED"))
    outer.path("begin", "call", "done").flow("deceased", "heirs")
    case = Running(define(inner, outer, errors="DECEASED"))
    case.complete("check")
    assert case.outcome == "heirs"
    assert case.visited() == ["dead", "deceased", "heirs"]
    assert {c.wait.element: c.cancelled for c in case.step.closed} == {
        "check": False,
        "other": True,
    }
    assert ("inner", "dead") in case.instance.passed()


def test_an_error_end_event_nobody_catches_is_a_fault() -> None:
    inner = Process("inner").start().end("dead", error("DECEASED")).path("begin", "dead")
    outer = Process("outer").start().call("call", "inner").end().path("begin", "call", "done")
    with pytest.raises(DiagramFault, match="DECEASED"):
        Running(define(inner, outer, errors="DECEASED"))


def test_a_terminate_end_event_ends_the_called_process_only() -> None:
    inner = Process("inner").start().gateway("parallel", "fork").user("a", "b").end()
    inner.end("stop", TERMINATE).path("begin", "fork", "a", "stop").path("fork", "b", "done")
    outer = Process("outer").start().call("call", "inner").user("next").end()
    case = Running(define(inner, outer.path("begin", "call", "next", "done")))
    case.complete("a")
    assert case.waiting == ["next"]
    assert {c.wait.element: c.cancelled for c in case.step.closed} == {"a": False, "b": True}


def test_an_embedded_sub_process_with_a_boundary_is_cancelled_with_all_it_called() -> None:
    inner = Process("inside").start("inside_begin").call("call", "fund_item").end("inside_done")
    inner.path("inside_begin", "call", "inside_done")
    outer = Process("outer").start().embedded(inner).end().end("gone")
    outer.boundary("withdrawn", "inside", message("withdraw"))
    outer.path("begin", "inside", "done").flow("withdrawn", "gone")
    definition = define(fund_item(), outer, messages="withdraw", errors="REFUSED")
    case = Running(definition, NAMES)
    assert case.waiting == ["seal", "withdrawn"]
    assert case.wait("seal").process == "fund_item"
    case.deliver("withdrawn")
    assert case.outcome == "gone"
    case = Running(definition, NAMES)
    case.finish("seal")
    assert case.outcome == "done"


def test_a_called_process_gives_its_locals_back_but_never_sees_others() -> None:
    inner = Process("inner").start().gateway("exclusive", "seen", default="seen_to_fresh")
    inner.script("fresh", 'decision = "agreed"').end().end("stale")
    inner.flow("begin", "seen").flow("seen", "stale", "mark == 1").path("seen", "fresh", "done")
    outer = Process("outer").start().script("set_mark", "mark = 1").call("call", "inner")
    outer.gateway("exclusive", "which", default="which_to_no").end("yes").end("no")
    outer.path("begin", "set_mark", "call", "which", "no")
    outer.flow("which", "yes", 'decision == "agreed" and mark == 1')
    assert Running(define(inner, outer)).outcome == "yes"


def test_the_answers_status_and_code_are_locals() -> None:
    diagram = Process("p").start().service("ask").gateway("exclusive", "how", default="how_to_no")
    diagram.end("yes").end("no").path("begin", "ask", "how", "no")
    diagram.flow("how", "yes", 'status == "FAILED" and code == "SHORT"')
    case = Running(define(diagram))
    case.finish("ask", "FAILED", "SHORT")
    assert case.outcome == "yes"


def test_a_circle_without_any_wait_is_a_fault_not_a_hang() -> None:
    diagram = Process("p").start().gateway("exclusive", "round", default="round_to_more").end()
    diagram.script("more", "n = 1").path("begin", "round", "more", "round")
    diagram.flow("round", "done", "n == 2")
    with pytest.raises(DiagramFault, match="循环"):
        Running(define(diagram))


def test_two_ends_of_the_outermost_process_tell_the_last_one() -> None:
    diagram = Process("p").start().gateway("parallel", "fork").user("a", "b").end("x").end("y")
    diagram.path("begin", "fork", "a", "x").path("fork", "b", "y")
    case = Running(define(diagram))
    case.complete("b")
    assert (case.finished, case.outcome) == (False, "y")
    case.complete("a")
    assert (case.finished, case.outcome) == (True, "x")


def test_a_state_does_not_grow_with_the_processes_it_called() -> None:
    outer = Process("outer").start().gateway("exclusive", "loop").call("call", "fund_item")
    outer.user("more").gateway("exclusive", "again", default="again_to_loop").end()
    outer.path("begin", "loop", "call", "more", "again", "loop").flow("again", "done", "x.y == 1")
    case = Running(define(fund_item(), outer, errors="REFUSED"))
    sizes = []
    for _ in range(30):
        case.finish("seal")
        case.complete("more")
        sizes.append(len(case.instance.dump()))
    growth = [b - a for a, b in pairwise(sizes)]
    assert max(growth[5:]) < 400  # five small rows of the loop itself, not the called process


def test_hundreds_of_rounds_lose_nothing() -> None:
    outer = Process("p").start().gateway("exclusive", "loop").user("fill", "aside").end("after")
    outer.gateway("exclusive", "again", default="again_to_loop").end().gateway("parallel", "fork")
    outer.path("begin", "fork", "loop", "fill", "again", "loop").flow("again", "done", "x.y == 1")
    outer.path("fork", "aside", "after")
    names: dict[str, object] = {}
    case = Running(define(outer), names)
    for _ in range(260):  # 1040 deep: the library loses sight of tasks at 1000
        case.complete("fill")
        assert case.waiting == ["aside", "fill"]
    names["x"] = {"y": 1}
    case.complete("fill")
    assert not case.finished
    case.complete("aside")
    assert case.finished


def test_a_state_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    case = sealing()
    dumped = case.instance.dump()
    monkeypatch.setattr(state, "SERIALIZER", SERIALIZER + 1)
    with pytest.raises(DiagramFault, match=str(SERIALIZER)):
        ProcessInstance.load(CASE, dumped, NAMES, FUNCTIONS)


#: Found by `make fuzz`.
NOWHERE = (
    b'<di:BPMNShape xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" bpmnElement="a">'
    b'<dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="%s" y="1"/></di:BPMNShape>'
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<not xml", "xml-malformed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml-doctype"),
        (b'<!DOCTYPE a SYSTEM "http://example.org/x"><a/>', "xml-doctype"),
        (b" " * 2_000_001, "xml-too-large"),
        (HEAD.encode() + NOWHERE % b"" + b"</bpmn:definitions>", "shape-nowhere"),
        (HEAD.encode() + NOWHERE % b"nan" + b"</bpmn:definitions>", "shape-nowhere"),
        (HEAD.encode() + b"</bpmn:definitions>", "process-missing"),
        (document(Process("p").node("startEvent", "s").call("c", "nobody").path("s", "c")), None),
    ],
)
def test_a_file_that_cannot_run_is_refused_with_its_place(content: bytes, code: str | None) -> None:
    with pytest.raises(PackInvalid) as refused:
        compile_process({"processes/x.bpmn": content}, "p")
    assert refused.value.problems[0].code == (code or "not-executable")


def test_a_definition_is_the_same_for_all_its_cases() -> None:
    content = document(event_gateway(), messages="met")
    compiled = compile_process({"a.bpmn": content}, "p")
    assert compiled == compile_process({"a.bpmn": content}, "p")
    definition = load_definition(compiled)
    first, second = Running(definition), Running(definition)
    first.fire("later")
    assert second.waiting == ["later", "met", "never"]


def test_an_instant_moves_with_its_timer_only() -> None:
    case = sealing()
    moved = datetime(2027, 6, 20, 1, tzinfo=UTC) + timedelta(days=3)
    case.instance.move_timer(case.wait("lapsed").token, moved)
    case.refuse("seal", "REFUSED")
    assert case.wait("lapsed").due_at == moved
