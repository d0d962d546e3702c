"""What a story used: the flows it took, the forms it filled in, the clocks it started …

A place of the pack that a passing story used proves the clauses it names.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.expressions import calls
from engine.models import (
    Base,
    Case,
    CaseSection,
    DataKey,
    Deadline,
    Document,
    FileSection,
    Item,
    Notice,
    WorkItem,
)
from engine.open_case import OpenCase
from engine.packs.pack import Pack
from engine.packs.places import Place
from engine.packs.proof import Proof, by_clause, name_of
from engine.runtime import Runtime
from handlers.scenario.cast import STORYTELLER

#: Kinds of places that a story proves by using them, and not by claiming so. Others a step proves
#: by naming the clause, a process that was refused to start among them.
ONLY_BY_USE = frozenset(
    {"elements", "decisions", "forms", "items", "deadlines", "notices", "lanes", "sections"}
)
#: Stories named per place; more would only make the proof change with every new story.
ENOUGH = 3


@dataclass(frozen=True)
class Evidence:
    """What a story went through.

    Args:
        passed: (process, sequence flow or element).
        used: (kind of place, ref), as ``engine.packs.places`` names them.
    """

    passed: frozenset[tuple[str, str]] = frozenset()
    used: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Told:
    """A story that went as told: its title, what it used, the clauses its steps look at."""

    title: str
    evidence: Evidence
    clauses: Set[str]

    def proves(self, clause: str, place: Place) -> bool:
        """Whether it proves a clause at a place that names it."""
        if (place.kind, place.ref) in self.evidence.used:
            return True
        return place.kind not in ONLY_BY_USE and clause in self.clauses


def evidence(runtime: Runtime, pack: Pack) -> Evidence:
    """Gather what every case of a story went through, at its end."""
    cases = _all(runtime, Case)
    passed: set[tuple[str, str]] = set()
    used: set[tuple[str, str]] = {("processes", case.process) for case in cases}
    for case in cases:
        with runtime.transaction() as session:
            passed |= OpenCase.lock(runtime, session, case.id).instance.passed()
        used |= set(_forms(runtime, pack, case))
    used |= set(_elements(pack, passed))
    used |= set(_decisions(pack, passed))
    used |= {("items", one.code) for one in _all(runtime, Item) if one.state != "not_selected"}
    used |= {("deadlines", one.code) for one in _all(runtime, Deadline)}
    used |= {("notices", one.template) for one in _all(runtime, Notice)}
    used |= {("documents", one.key) for one in _all(runtime, Document)}
    used |= {("sections", one.name) for one in _all(runtime, CaseSection)}
    used |= {
        ("sections", one.name) for one in _all(runtime, FileSection) if one.author != STORYTELLER
    }
    return Evidence(frozenset(passed), frozenset(used))


def prove(pack: Pack, stories: Mapping[str, Told]) -> Proof:
    """Which stories prove which clause, and where.

    Args:
        stories: file → what it went through; of passing stories only.
    """
    clauses = {
        clause: {
            name_of(place): [
                file for file, told in sorted(stories.items()) if told.proves(clause, place)
            ][:ENOUGH]
            for place in places
        }
        for clause, places in sorted(by_clause(pack).items())
        if clause in pack.clauses
    }
    named = {file for found in clauses.values() for files in found.values() for file in files}
    return Proof(clauses, {file: stories[file].title for file in sorted(named)})


def _elements(pack: Pack, passed: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The elements, and the lanes in which a task was done."""
    for process, element in passed:
        yield "elements", process
        yield "elements", f"{process}/{element}"
        node = pack.processes[process].nodes.get(element)
        if node is not None and node.lane and node.kind.endswith("Task"):
            yield "lanes", node.lane


def _decisions(pack: Pack, passed: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The decision tables that passed elements and the gateways among them asked."""
    for process in pack.processes.values():
        for node in process.nodes.values():
            if (process.id, node.id) not in passed:
                continue
            asked = [node.script, node.expression, *node.parameters.values()]
            asked += [flow.condition for flow in process.flows if flow.source == node.id]
            yield from (("decisions", table) for table in [node.decision] if table)
            for source in filter(None, asked):
                for function, arguments in calls(source):
                    if function == "decide" and arguments:
                        yield "decisions", str(arguments[0])


def _forms(runtime: Runtime, pack: Pack, case: Case) -> Iterator[tuple[str, str]]:
    """Forms that were submitted, and their fields among the cleaned answers of any version."""
    filled = {
        (task.form, task.section)
        for task in _all(runtime, WorkItem)
        if task.case_id == case.id and task.kind == "user" and task.state == "done"
    }
    rule = pack.config.processes.get(case.process)
    if rule is not None:
        filled.add((rule.start_form, rule.start_form))
    for form, section in filled:
        for content in _versions(runtime, case, section):
            yield "forms", form
            yield from (("forms", f"{form}/{field}") for field in _given(content))


def _versions(runtime: Runtime, case: Case, section: str) -> list[Mapping[str, Any]]:
    with runtime.reading() as session:
        wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.id == case.data_key_id))
        key = runtime.keyring.unwrap(wrapped)
        rows = [
            *session.scalars(
                select(CaseSection).where(
                    CaseSection.case_id == case.id, CaseSection.name == section
                )
            ),
            *session.scalars(
                select(FileSection).where(
                    FileSection.file_id == case.file_id,
                    FileSection.name == section,
                    FileSection.author != STORYTELLER,
                )
            ),
        ]
        return [key.open_json(bytes(row.content_sealed)) for row in rows]


def _given(content: Any) -> Iterator[str]:
    """``field`` and ``group/field`` of everything that was answered."""
    if isinstance(content, list):
        for one in content:
            yield from _given(one)
    if isinstance(content, Mapping):
        for name, value in content.items():
            if value not in (None, "", []):
                yield name
                yield from (f"{name}/{below}" for below in _given(value))


def _all(runtime: Runtime, table: type[Base]) -> list[Any]:
    with runtime.reading() as session:
        return list(session.scalars(select(table)))
