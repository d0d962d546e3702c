"""How SpiffWorkflow gets its conditions, parameters, timers and scripts worked out: by us."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.task import Task

from engine.expressions import Functions, evaluate, run_script


class CaseEvaluation(PythonScriptEngine):
    """One per loaded case. Case data stays in ``names``; only locals live in the task tree.

    Args:
        names: section → its fields, looked up lazily; a section not yet written may be absent.
        item_of: the joint item a task belongs to, so that ``this.x`` reads ``<item>.x``.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        functions: Functions,
        item_of: Callable[[Task], str | None],
    ) -> None:
        super().__init__()
        self._names, self._functions, self._item_of = names, functions, item_of

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:
        """Work out an expression where ``task`` stands; raises ``DiagramFault``."""
        return evaluate(expression, self._scope(task), self._functions)

    def evaluate_for_case(self, expression: str) -> Any:
        """Work out an expression that stands nowhere in the diagram: sections only, no locals."""
        return evaluate(expression, _Scope({}, self._names, None), self._functions)

    def execute(self, task: Task, script: str, external_context: Any = None) -> bool:
        """Run a script: its assignments become locals of this branch."""
        task.data.update(run_script(script, self._scope(task), self._functions))
        return True

    def _scope(self, task: Task) -> "_Scope":
        return _Scope(task.data, self._names, self._item_of(task))


class _Scope(Mapping[str, Any]):
    """Locals, then sections. What is declared but not written yet is ``None``, never an error."""

    def __init__(
        self, local_names: Mapping[str, Any], sections: Mapping[str, Any], item: str | None
    ) -> None:
        self._locals, self._sections, self._item = local_names, sections, item

    def __getitem__(self, name: str) -> Any:
        if name in self._locals:
            return self._locals[name]
        return _ItemSections(self._sections, self._item) if name == "this" else self.section(name)

    def section(self, name: str) -> Any:
        """The section, or ``None``."""
        try:
            return self._sections[name]
        except KeyError:
            return None

    def __iter__(self) -> Iterator[str]:
        return iter({*self._locals, *self._sections})

    def __len__(self) -> int:
        return len({*self._locals, *self._sections})


class _ItemSections(_Scope):
    """``this``: the sections of one joint item, without its prefix."""

    def __init__(self, sections: Mapping[str, Any], item: str | None) -> None:
        super().__init__({}, sections, item)

    def __getitem__(self, name: str) -> Any:
        return self.section(f"{self._item}.{name}") if self._item else None
