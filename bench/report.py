"""What came out: figures of both systems side by side, and the machine they belong to."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.database import Database


@dataclass(frozen=True)
class Figure:
    """One figure of both systems, round by round; rounds of one place were neighbours in time."""

    name: str
    baseline: Sequence[float]
    ours: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """Ours to the baseline, pair by pair, smallest first."""
        return sorted(o / b for o, b in zip(self.ours, self.baseline, strict=True))

    def as_json(self) -> dict[str, Any]:
        """Everything measured, and the medians."""
        return {
            "figure": self.name,
            "baseline": median(self.baseline),
            "ours": median(self.ours),
            "ratio": median(self.ratios),
            "rounds": {"baseline": self.baseline, "ours": self.ours},
        }


def table(figures: Sequence[Figure]) -> str:
    """The medians as a Markdown table, with the smallest and largest ratio of any pair."""
    lines = ["| | baseline | ours | ours / baseline | all pairs |", "|---|---:|---:|---:|---:|"]
    for figure in figures:
        baseline, ours = _short(median(figure.baseline)), _short(median(figure.ours))
        ratios = figure.ratios
        spread = f"{ratios[0]:.2f} … {ratios[-1]:.2f}" if len(ratios) > 1 else ""
        lines.append(f"| {figure.name} | {baseline} | {ours} | {median(ratios):.2f} | {spread} |")
    return "\n".join(lines)


def machine(database: Database) -> dict[str, Any]:
    """Where and when: without this no figure means anything."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": database.value("show server_version"),
        "fsync": database.value("show fsync"),
        "synchronous_commit": database.value("show synchronous_commit"),
        "load_before": os.getloadavg()[0],
    }


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    for line in facts.read_text().splitlines() if facts.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
