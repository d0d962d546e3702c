"""One command, one run: both systems on one PostgreSQL, driven in turn, compared.

Absolute figures belong to the machine and the minute; ratios of rounds that follow each other in
one run are what counts.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import click

from bench.load import Timing, send
from bench.report import Figure, machine, table
from bench.stage import HERE, both_systems
from bench.systems import System

CLIENTS = (1, 8)
TASKS_PER_CASE = 6
LISTINGS = 60


@dataclass
class Round:
    """Some cases taken from their first task to their end."""

    cases: int
    starting: Timing = field(default_factory=Timing)
    submitting: Timing = field(default_factory=Timing)
    draining: float = 0
    web_statements: int = 0
    worker_statements: int = 0

    def figures(self) -> dict[str, float]:
        """The round in the figures that are compared."""
        submits = len(self.submitting.latencies)
        return {
            "submits/s, drain included": submits / (self.submitting.seconds + self.draining),
            "submits/s, drain left out": submits / self.submitting.seconds,
            "submit p50, ms": self.submitting.percentile(50),
            "submit p95, ms": self.submitting.percentile(95),
            "case starts/s": self.cases / self.starting.seconds,
            "SQL statements per submit": self.web_statements / submits,
            "SQL statements per submit, worker included": (
                (self.web_statements + self.worker_statements) / submits
            ),
        }


@click.command()
@click.option("--rounds", default=9, show_default=True, help="per system and number of clients")
@click.option("--cases", default=12, show_default=True, help="per round")
@click.option("--output", type=click.Path(path_type=Path), default=HERE / "results.json")
def main(rounds: int, cases: int, output: Path) -> None:
    """Measure this system beside the baseline; print the ratios and write everything down."""
    click.echo("starting both systems ……")
    with both_systems() as systems:
        where = machine(systems[0].database)
        figures = list(_measured(systems, rounds, cases))
    click.echo("\n" + "\n".join(f"{name}: {value}" for name, value in where.items()))
    click.echo(f"\n{table(figures)}")
    result = {
        "machine": where,
        "rounds": rounds,
        "cases": cases,
        "figures": [figure.as_json() for figure in figures],
    }
    output.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n")


def _measured(systems: tuple[System, System], rounds: int, cases: int) -> Iterator[Figure]:
    empty = [system.database.size() for system in systems]
    for system in systems:
        play(system, cases, clients=8)  # warm-up
    for clients in CLIENTS:
        yield from _side_by_side(systems, rounds, cases, clients)
    finished = cases * (1 + rounds * len(CLIENTS))
    kilobytes = [
        (system.database.size() - before) / finished / 1024
        for system, before in zip(systems, empty, strict=True)
    ]
    yield Figure("KB stored per finished case", kilobytes[:1], kilobytes[1:])
    for system in systems:
        system.fill()
    lists = [
        send(system.port, [system.worklist] * LISTINGS, 1, system.headers) for system in systems
    ]
    p50 = [timing.percentile(50) for timing in lists]
    yield Figure("worklist of 100,000 open rows p50, ms", p50[:1], p50[1:])


def _side_by_side(
    systems: tuple[System, System], rounds: int, cases: int, clients: int
) -> Iterator[Figure]:
    played: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    for number in range(rounds):
        for system, results in zip(systems, played, strict=True):
            figures = play(system, cases, clients).figures()
            results.append(figures)
            rate = figures["submits/s, drain included"]
            click.echo(f"{clients} clients, round {number + 1}: {system.name} {rate:.1f} submits/s")
    for name in played[0][0]:
        values = [[figures[name] for figures in results] for results in played]
        yield Figure(f"{name}; {clients} client{'s' if clients > 1 else ''}", *values)


def play(system: System, cases: int, clients: int) -> Round:
    """Begin cases and complete task after task until none is open.

    A step submits every open task and then waits until all that follows has happened; both count.

    Raises:
        RuntimeError: a request failed, or a case did not come to its end.
    """
    played = Round(cases)
    played.starting = send(system.port, system.starts(cases), clients, system.headers)
    system.database.count_afresh()
    while submits := system.submits():
        played.submitting.add(send(system.port, submits, clients, system.headers))
        begun = perf_counter()
        system.drain()
        played.draining += perf_counter() - begun
    if len(played.submitting.latencies) != TASKS_PER_CASE * cases:
        raise RuntimeError(f"{system.name}: not every case came to its end")
    played.web_statements = system.database.statements(system.web_role)
    if system.worker_role:
        played.worker_statements = system.database.statements(system.worker_role)
    return played
