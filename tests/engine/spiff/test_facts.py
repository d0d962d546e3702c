"""What SpiffWorkflow 3.2.0 does that our wall is built on or against.

When one of these fails after an upgrade, the library has changed: read the wall again before moving
on. Tests of defects say so in their names; a defect that is gone may let a part of the wall go.
"""

import json
from datetime import UTC, datetime
from importlib.metadata import version

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from engine.spiff import parsing
from tests.engine.bpmn import Process, document, error, message, timer


def raw(*processes: Process, **named: str) -> BpmnWorkflow:
    """The library alone, without our wall."""
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(document(*processes, **named)))
    name = processes[-1].id
    workflow = BpmnWorkflow(parser.get_spec(name), parser.get_subprocess_specs(name))
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> list[str]:
    return [t.task_spec.name for t in workflow.get_tasks(state=TaskState.READY)]


def do(workflow: BpmnWorkflow, name: str) -> None:
    workflow.get_next_task(spec_name=name, state=TaskState.READY).run()
    workflow.do_engine_steps()


def test_the_version_is_the_one_the_wall_was_built_for() -> None:
    assert version("SpiffWorkflow") == "3.2.0"


def test_our_classes_bear_the_names_of_the_librarys() -> None:
    """They replace them by name when a definition is loaded."""
    theirs = {cls.__name__ for cls in SPIFF_CONFIG}
    assert parsing._OURS.keys() <= theirs
    restored = {
        type(spec).__module__
        for name, spec in parsing.load_definition(
            parsing.compile_process({"a.bpmn": document(fork("parallel"))}, "p")
        ).spec.task_specs.items()
        if name in {"fork", "join"}
    }
    assert restored == {"engine.spiff.joins"}


def fork(kind: str) -> Process:
    diagram = Process("p").start().gateway("exclusive", "again").gateway(kind, "fork")
    diagram.gateway(kind, "join").user("review").end()
    diagram.gateway("exclusive", "verdict", default="verdict_to_again")
    diagram.path("begin", "again", "fork")
    for branch in "abc":
        condition = "True" if kind == "inclusive" else None
        diagram.user(branch).flow("fork", branch, condition).flow(branch, "join")
    diagram.path("join", "review", "verdict", "again").flow("verdict", "done", "False")
    return diagram


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_defect_a_join_in_a_loop_fires_early_on_the_second_pass(kind: str) -> None:
    early = False
    for second in ("abc", "bca", "cab", "cba"):
        workflow = raw(fork(kind))
        for name in (*"abc", "review"):
            do(workflow, name)
        for name in second[:2]:
            if name in ready(workflow):
                do(workflow, name)
        early = early or "review" in ready(workflow)
    assert early


def test_defect_errors_are_broadcast_to_other_branches() -> None:
    inner = Process("inner").start().user("u").end("dead", error("E")).path("begin", "u", "dead")
    outer = Process("outer").start().gateway("parallel", "fork").gateway("parallel", "join").end()
    for name in ("one", "two"):
        outer.call(name, "inner").boundary(f"{name}_no", name, error("E")).user(f"{name}_redo")
        outer.path("fork", name, "join").path(f"{name}_no", f"{name}_redo", "join")
    workflow = raw(inner, outer.path("begin", "fork", "join", "done"), errors="E")
    do(workflow, "u")
    assert "one_redo" in ready(workflow)
    assert "two_redo" in ready(workflow)


def test_defect_two_timers_at_an_event_gateway_share_one_due_time() -> None:
    diagram = Process("p").start().gateway("eventBased", "g").end()
    diagram.catch("x", timer('"2090-01-01T00:00:00+08:00"')).end("xx")
    diagram.catch("y", timer('"2091-01-01T00:00:00+08:00"')).end("yy")
    diagram.path("begin", "g", "x", "xx").path("g", "y", "yy")
    workflow = raw(diagram)
    gateway = workflow.get_next_task(spec_name="g")
    assert gateway.internal_data["event_value"] == "2090-01-01T00:00:00+08:00"
    assert all("event_value" not in child.internal_data for child in gateway.children)


def test_the_library_reads_the_machines_clock_for_timers() -> None:
    diagram = Process("p").start().catch("wait", timer('"2001-01-01T00:00:00+08:00"')).end()
    assert raw(diagram.path("begin", "wait", "done")).is_completed()


def test_a_negative_duration_is_read_as_positive() -> None:
    """One of the reasons why durations are refused in diagrams."""
    parsed = TimerEventDefinition.parse_iso_duration("-PT1H")
    assert parsed == {"hours": 1}
    assert TimerEventDefinition.get_timedelta_from_start(parsed, datetime.now(UTC)).seconds == 3600


def test_defect_tasks_deeper_than_a_thousand_are_not_found() -> None:
    diagram = Process("p").start().gateway("exclusive", "loop").user("fill")
    diagram.gateway("exclusive", "again", default="again_to_loop").end()
    diagram.path("begin", "loop", "fill", "again", "loop").flow("again", "done", "False")
    workflow = raw(diagram)
    rounds = 0
    while "fill" in ready(workflow):
        do(workflow, "fill")
        rounds += 1
    assert 300 < rounds < 400
    assert workflow.is_completed()  # it even thinks that it came to the end
    assert workflow.get_next_task(spec_name="done") is None


def test_defect_finished_called_processes_are_kept_for_ever() -> None:
    inner = Process("inner").start().end().path("begin", "done")
    outer = Process("outer").start().call("call", "inner").user("u").end()
    workflow = raw(inner, outer.path("begin", "call", "u", "done"))
    assert len(workflow.subprocesses) == 1


def test_a_send_task_without_a_message_completes_at_once() -> None:
    diagram = Process("p").start().node("sendTask", "tell").end().path("begin", "tell", "done")
    assert raw(diagram).is_completed()


def test_a_condition_on_a_flow_leaving_a_task_is_ignored() -> None:
    diagram = Process("p").start().user("u").end().path("begin", "u").flow("u", "done", "False")
    workflow = raw(diagram)
    do(workflow, "u")
    assert workflow.is_completed()


def test_a_link_event_dead_ends_silently() -> None:
    diagram = Process("p").start().end()
    diagram.node("intermediateThrowEvent", "go", '<bpmn:linkEventDefinition name="l"/>')
    diagram.node("intermediateCatchEvent", "come", '<bpmn:linkEventDefinition name="l"/>')
    workflow = raw(diagram.path("begin", "go").path("come", "done"))
    assert workflow.is_completed()
    assert workflow.get_next_task(spec_name="done") is None


@pytest.mark.parametrize(
    "broken",
    [
        Process("p").start().user("u").end("a").end("b").path("begin", "u", "a").path("u", "b"),
        Process("p").start().gateway("complex", "g").end().path("begin", "g", "done"),
        Process("p").start().path("begin", "nowhere"),
    ],
)
def test_the_parser_refuses_what_it_knows_to_be_wrong(broken: Process) -> None:
    with pytest.raises(ValidationException):
        raw(broken)


def test_what_no_start_event_reaches_is_not_even_parsed() -> None:
    diagram = Process("p").start().end().path("begin", "done").gateway("complex", "orphan")
    assert "orphan" not in raw(diagram).spec.task_specs


def test_defect_a_key_named_typename_makes_a_case_unloadable() -> None:
    """Locals may not have this name; our own state does not use the library's converter at all."""
    workflow = raw(Process("p").start().user("u").end().path("begin", "u", "done"))
    workflow.get_next_task(spec_name="u").data["x"] = {"typename": "Nothing"}
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
    with pytest.raises(TypeError):
        serializer.deserialize_json(serializer.serialize_json(workflow))


def test_a_message_is_broadcast_to_every_branch_that_waits_for_its_name() -> None:
    from SpiffWorkflow.bpmn import BpmnEvent  # noqa: PLC0415
    from SpiffWorkflow.spiff.specs.event_definitions import (  # noqa: PLC0415
        MessageEventDefinition,
    )

    diagram = Process("p").start().gateway("parallel", "fork").gateway("parallel", "join").end()
    diagram.catch("a", message("m")).catch("b", message("m"))
    diagram.path("begin", "fork", "a", "join", "done").path("fork", "b", "join")
    workflow = raw(diagram, messages="m")
    workflow.send_event(BpmnEvent(MessageEventDefinition("m"), {}))
    workflow.do_engine_steps()
    assert workflow.is_completed()


def test_a_definition_is_plain_json_with_its_version() -> None:
    content = parsing.compile_process({"a.bpmn": document(fork("parallel"))}, "p")
    assert json.loads(content)["serializer"] == parsing.SERIALIZER
