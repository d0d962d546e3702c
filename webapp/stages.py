"""阶段: how far a case is, in the stages of its region's policy (ZY-035)."""

from dataclasses import dataclass

from engine.packs.stages import in_order
from engine.queries.case_page import CasePage


@dataclass(frozen=True)
class Mark:
    """A stage of the strip; ``state``: done | now | ahead."""

    title: str
    state: str


def stages(page: CasePage) -> list[Mark]:
    """The strip of a case; empty where its process has no stages.

    A stage is going on while the case waits in it; there may be two. What comes before the first
    of them is over, and so is, in a closed case, everything up to the last that it went through.
    """
    config, pack = page.release.config, page.release.pack
    rule = config.processes.get(page.case.process)
    if rule is None or not rule.stages:
        return []
    codes = [code for code, _ in in_order(config.stages)]
    waits = [(drawing.process, one) for drawing in page.drawings for one in drawing.current]
    now = {pack.stage_of(*place) for place in waits} - {None}
    passed = {pack.stage_of(*place) for place in page.trail} - {None}
    over = _before_first(codes, now) if now else _up_to_last(codes, passed)
    return [
        Mark(
            config.stages[code].title, "now" if code in now else "done" if code in over else "ahead"
        )
        for code in codes
    ]


def help_of(page: CasePage) -> str:
    """What those are told who come first: how to get help (NX-072); empty for all others."""
    rule = page.release.config.priority
    first = any(task.priority for task in page.tasks)
    return rule.help if rule and first else ""


def _before_first(codes: list[str], found: set[str | None]) -> list[str]:
    return codes[: min(codes.index(code) for code in codes if code in found)]


def _up_to_last(codes: list[str], found: set[str | None]) -> list[str]:
    return codes[: max((codes.index(code) + 1 for code in codes if code in found), default=0)]
