"""A running process for tests: acts by element name and reloads from bytes at every step."""

from collections.abc import Mapping
from typing import Any

from engine.spiff.process import Definition, ProcessInstance, compile_process, load_definition
from engine.spiff.step import Step, Wait
from tests.engine.bpmn import Process, document

FUNCTIONS = {
    "at": lambda day, hour: f"{day}T{hour:02}:00:00+08:00",
    "today": lambda: "2027-05-20",
}


def define(*processes: Process, messages: str = "", errors: str = "") -> Definition:
    """Compile; the last process is the outermost."""
    content = document(*processes, messages=messages, errors=errors)
    return load_definition(compile_process({"processes/test.bpmn": content}, processes[-1].id))


class Running:
    """One case. ``reload=False`` keeps it in memory, to prove that reloading changes nothing."""

    def __init__(
        self, definition: Definition, names: Mapping[str, Any] | None = None, reload: bool = True
    ) -> None:
        self.definition, self.reload = definition, reload
        self.names: Mapping[str, Any] = {} if names is None else names
        self.instance, self.step = ProcessInstance.start(definition, self.names, FUNCTIONS)
        self.steps = [self.step]
        self._again()

    def complete(self, element: str) -> Step:
        return self._took(self.instance.complete_task(self.wait(element).token))

    def finish(self, element: str, status: str = "SUCCESS", code: str | None = None) -> Step:
        return self._took(self.instance.finish_call(self.wait(element).token, status, code))

    def refuse(self, element: str, code: str) -> Step | None:
        step = self.instance.refuse_call(self.wait(element).token, code)
        return None if step is None else self._took(step)

    def deliver(self, element: str) -> Step:
        return self._took(self.instance.deliver(self.wait(element).token))

    def fire(self, element: str) -> Step:
        return self._took(self.instance.fire_timer(self.wait(element).token))

    def act(self, element: str) -> Step:
        """Whatever makes this wait go on."""
        kind = self.wait(element).kind
        actions = {"user": self.complete, "call": self.finish, "timer": self.fire}
        return actions.get(kind, self.deliver)(element)

    def wait(self, element: str) -> Wait:
        return next(wait for wait in self.instance.waits() if wait.element == element)

    @property
    def waiting(self) -> list[str]:
        return sorted(wait.element for wait in self.instance.waits())

    @property
    def finished(self) -> bool:
        return self.step.finished

    @property
    def outcome(self) -> str | None:
        return self.step.outcome.element if self.step.outcome else None

    def visited(self, step: Step | None = None) -> list[str]:
        return [v.element for v in (step or self.step).visits if v.kind != "sequenceFlow"]

    def flows(self) -> list[str]:
        return [v.element for s in self.steps for v in s.visits if v.kind == "sequenceFlow"]

    def _took(self, step: Step) -> Step:
        self.step = step
        self.steps.append(step)
        self._again()
        return step

    def _again(self) -> None:
        if self.reload:
            state = self.instance.dump()
            self.instance = ProcessInstance.load(self.definition, state, self.names, FUNCTIONS)


def tokens(running: Running) -> list[Any]:
    """What waits, apart from the ids, which differ from run to run."""
    return sorted(
        (w.element, w.kind, w.item, w.due_at, tuple(w.parameters.items()))
        for w in running.instance.waits()
    )
