"""Business rule tasks: their outputs become locals, and they never wait."""

from engine.decisions.deciding import Decide
from engine.decisions.reading import read_table
from engine.spiff.process import ProcessInstance, compile_process, load_definition
from tests.engine.bpmn import Process, document
from tests.engine.dmn import decision

LEVELS = decision(
    "approval_level",
    ["unit.level"],
    ["office", "second_review"],
    [(['"county"'], ['"县局"', "true"]), (["-"], ['"市局"', "false"])],
    "FIRST",
)


def test_outputs_become_locals_that_gateways_read() -> None:
    process = Process("main").start()
    process.node(
        "businessRuleTask",
        "decide_level",
        extension=(
            "<spiffworkflow:calledDecisionId>approval_level</spiffworkflow:calledDecisionId>"
        ),
    )
    process.gateway("exclusive", "again", default="again_to_once").user("second").user("once").end()
    process.path("begin", "decide_level", "again", "once", "done").path("second", "done")
    process.flow("again", "second", 'second_review and office == "县局"')
    files = {"p/main.bpmn": document(process), "p/approval_level.dmn": LEVELS}
    definition = load_definition(compile_process(files, "main"))
    table = read_table("p/approval_level.dmn", LEVELS)

    for level, waiting in (("county", "second"), ("city", "once")):
        names = {"unit": {"level": level}}
        functions = {"decide": Decide({table.id: table}, {}, {})}
        instance, step = ProcessInstance.start(definition, names, functions)
        assert [wait.element for wait in step.opened] == [waiting]
        kinds = {visit.element: visit.kind for visit in step.visits}
        assert kinds["decide_level"] == "businessRuleTask"
        again = ProcessInstance.load(definition, instance.dump(), names, functions)
        assert [wait.element for wait in again.waits()] == [waiting]
