"""What differs between two packs or releases: files, and inside diagrams the elements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import PackInvalid
from engine.packs.diagram import read_processes, read_xml

Files = Mapping[str, bytes]
Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class FileDifference:
    """A file that is not the same.

    Args:
        elements: of a diagram: id of an element or flow → what became of it. Empty when only the
            drawing moved, and for every other kind of file.
    """

    path: str
    change: Change
    elements: Mapping[str, Change]


def difference(before: Files, after: Files) -> list[FileDifference]:
    """Compare the files of two packs; return those that differ, by path.

    Args:
        before, after: path → content, as ``Pack.files``.
    """
    changes = _changes(before, after)
    return [
        FileDifference(path, change, _changes(_elements(path, before), _elements(path, after)))
        for path, change in changes.items()
    ]


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for key in sorted({*before, *after}):
        if key not in before:
            found[key] = "added"
        elif key not in after:
            found[key] = "removed"
        elif before[key] != after[key]:
            found[key] = "changed"
    return found


def _elements(path: str, files: Files) -> dict[str, object]:
    """What a diagram says, by element; where it is drawn does not count."""
    if path not in files or not path.endswith(".bpmn"):
        return {}
    try:
        processes = read_processes(path, read_xml(path, files[path]))
    except PackInvalid:
        return {}  # somebody is still working on it; ``check`` says what is wrong
    found: dict[str, object] = {}
    for process in processes:
        found |= process.nodes
        found |= {flow.id: flow for flow in process.flows}
    return found
