"""Running all scenarios of a region: which flows they took, and which clauses they prove."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from engine.calendar import WorkCalendar
from engine.errors import Invalid
from engine.packs.pack import Pack, read_pack
from engine.packs.proof import Proof
from handlers.scenario.evidence import Told, prove
from handlers.scenario.performance import play
from handlers.scenario.story import read_story
from handlers.scenario.theatre import Theatre
from handlers.scenario.verdict import Played
from handlers.scenario.visit import Visitor


@dataclass(frozen=True)
class Coverage:
    """How much of a process the stories went through."""

    covered: int
    total: int
    missed: Sequence[str]


@dataclass(frozen=True)
class Report:
    """The outcome of a region's scenarios: stories by file, coverage by process, and the proof."""

    pack: Pack
    stories: Mapping[str, Played]
    flows: Mapping[str, Coverage]
    proof: Proof

    @property
    def passed(self) -> int:
        """How many stories went as told."""
        return sum(played.passed for played in self.stories.values())

    @property
    def failed(self) -> int:
        """How many did not."""
        return len(self.stories) - self.passed


def run_stories(
    engine: Engine,
    root: Path,
    region: str,
    files: Sequence[Path] | None = None,
    after_each: Callable[[str, Played], None] = lambda name, played: None,
    visitor: Visitor | None = None,
) -> Report:
    """Play a region's scenarios (or only ``files``) on a migrated database.

    Args:
        root: the folder that holds ``processes/`` and ``forms/``.
        after_each: told each story's file name and how it went, as soon as it was played.
        visitor: opens pages of the web application for the stories that look at some.
    """
    pack = read_pack(root, region)
    calendar = WorkCalendar.load(root / "processes" / "calendar", pack.config.calendar)
    folder = root / "processes" / region / "scenarios"
    stories: dict[str, Played] = {}
    with Theatre(engine, pack, calendar, visitor) as theatre:
        for path in files if files is not None else sorted(folder.glob("*.yaml")):
            try:
                stories[path.name] = play(theatre, read_story(path))
            except Invalid as error:
                stories[path.name] = Played(path.stem, [error.message])
            after_each(path.name, stories[path.name])
    taken = {flow for played in stories.values() for flow in played.evidence.passed}
    flows = {}
    for process in pack.processes.values():
        drawn = {flow.id for flow in process.flows}
        missed = sorted(drawn - {flow for owner, flow in taken if owner == process.id})
        flows[process.id] = Coverage(len(drawn) - len(missed), len(drawn), missed)
    passing = {
        file: Told(played.title, played.evidence, played.clauses)
        for file, played in stories.items()
        if played.passed
    }
    return Report(pack, stories, flows, prove(pack, passing))
