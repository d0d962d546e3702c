"""Checking a region pack: every mistake at once, in a designer's words.

A release is refused while this finds anything, so that a case never meets a mistake that could
have been seen on paper.
"""

from collections.abc import Iterator
from pathlib import Path

from engine.errors import PackInvalid
from engine.operations import OperationRegister
from engine.packs.checks.blanks import check_blanks
from engine.packs.checks.calls import check_calls
from engine.packs.checks.clauses import check_clauses, check_shared
from engine.packs.checks.data import check_data
from engine.packs.checks.decisions import check_decisions
from engine.packs.checks.documents import check_documents
from engine.packs.checks.draft import Draft
from engine.packs.checks.drawing import check_drawing
from engine.packs.checks.elements import check_elements
from engine.packs.checks.files import check_files
from engine.packs.checks.flows import check_flows
from engine.packs.checks.public import check_public
from engine.packs.checks.settings import check_settings
from engine.packs.checks.statistics import check_statistics
from engine.packs.pack import Pack, read_pack
from engine.packs.problem import Problem
from engine.spiff.process import compile_process, load_definition

__all__ = ["Problem", "check_pack", "check_tree"]

RULES = (
    *(check_drawing, check_elements, check_flows, check_calls),
    *(check_data, check_settings, check_decisions, check_files, check_clauses),
    *(check_documents, check_blanks, check_public, check_statistics),
)
#: Folders under ``processes/`` that are no regions.
_SHARED = {"common", "calendar"}


def check_pack(pack: Pack, operations: OperationRegister) -> list[Problem]:
    """Find every mistake of a region pack.

    Args:
        operations: the service operations this installation knows.

    Returns:
        Problems sorted by file and element; empty if the pack may be released.
    """
    return _check(Draft(pack, operations))


def _check(draft: Draft) -> list[Problem]:
    found: set[Problem] = set()
    for rule in RULES:
        found.update(rule(draft))
    found.update(draft.unreadable)
    if not found:
        found.update(_uncompilable(draft))
    return sorted(found)


def check_tree(root: Path, operations: OperationRegister) -> list[Problem]:
    """Find every mistake of all regions under a folder with ``processes/`` and ``forms/``."""
    found: set[Problem] = set()
    drafts: list[Draft] = []
    for folder in sorted((root / "processes").glob("*/")):
        if folder.name in _SHARED:
            continue
        if not (folder / "region.toml").is_file():
            path = f"processes/{folder.name}/region.toml"
            found.add(Problem(path, "", "region-missing", "地区文件夹里没有 region.toml。"))
            continue
        drafts.append(Draft(read_pack(root, folder.name), operations))
        found.update(_check(drafts[-1]))
        found.update(_calendar(root, drafts[-1]))
    found.update(check_shared(drafts))
    return sorted(found)


def _calendar(root: Path, draft: Draft) -> Iterator[Problem]:
    """A misspelt calendar would silently be the national one."""
    calendar = draft.config.calendar if draft.config else "cn"
    if calendar != "cn" and not (root / "processes" / "calendar" / calendar).is_dir():
        path = f"processes/{draft.pack.region}/region.toml"
        message = f"没有这个工作日历：processes/calendar/{calendar}/；全国日历写 cn。"
        yield Problem(path, "calendar", "calendar-unknown", message)


def _uncompilable(draft: Draft) -> Iterator[Problem]:
    """The last word has the engine itself: it must be able to load every process."""
    for process in draft.processes:
        try:
            load_definition(compile_process(draft.pack.files, process))
        except PackInvalid as error:
            yield from error.problems
