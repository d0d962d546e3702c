"""Killing any part with -9 at any moment of a case loses nothing and doubles nothing."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

import handlers  # noqa: F401  registers the operations
from engine.clock import at, office_date
from engine.database import APPLICATION_ROLE, DATABASE
from engine.demo_clock import FRESH_SECONDS, DemoClock
from engine.embedded_postgres import EmbeddedPostgres
from engine.errors import NotFound
from engine.models import (
    Case,
    CaseEvent,
    CaseSection,
    Item,
    Notice,
    ServiceAttempt,
    ServiceCall,
    WorkItem,
)
from engine.operations import operations
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_runtime
from handlers.sandbox import Behaviour, Office
from tests.chaos import stories
from tests.chaos.killer import Killer
from tests.chaos.people import Retiree, a_retiree, put_on_record
from tests.chaos.stories import Cast, Story
from tests.installation import ROOT, Installation, installed

pytestmark = pytest.mark.chaos

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
#: From an agency's acceptance to its last word.
AGENCY_SECONDS = 0.5

#: Story, and the employer's place among the demonstration's; ``None`` applies alone.
WAVE: Sequence[tuple[Story, int | None]] = (
    (stories.everything, 0),
    (stories.medical_twice, 1),
    (stories.by_himself, None),
    (stories.nothing, 0),
)
OUTCOMES = {
    "everything": ("closed", {"pension": "succeeded", "medical": "succeeded", "fund": "succeeded"}),
    "medical_twice": (
        "closed",
        {"pension": "not_selected", "medical": "succeeded", "fund": "sealed"},
    ),
    "by_himself": (
        "closed",
        {"pension": "succeeded", "medical": "not_selected", "fund": "succeeded"},
    ),
    "nothing": (
        "qualification_only",
        {"pension": "not_selected", "medical": "not_selected", "fund": "not_selected"},
    ),
}


@dataclass
class World:
    """A running installation, and our own hands on its database, clock and agencies."""

    place: Installation
    runtime: Runtime
    office: Office

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.place.port}"

    def play_wave(self) -> dict[str, str]:
        """Play one case of each story side by side; return the case numbers."""
        since = self.a_day_to_apply_on()
        casts = [Cast(a_retiree(since, unit=unit), self.address) for _, unit in WAVE]
        for (story, _), cast in zip(WAVE, casts, strict=True):
            put_on_record(self.runtime, cast.retiree)
            if story is stories.medical_twice:
                self.refuse_once(cast.retiree)
        with ExitStack() as stack, ThreadPoolExecutor(len(WAVE)) as crew:
            for cast in casts:
                stack.callback(cast.close)
            plots = [story(cast) for (story, _), cast in zip(WAVE, casts, strict=True)]
            list(crew.map(next, plots))
            retiree = casts[0].retiree
            self.leap(at(retiree.person.retire_date(retiree.since), 9, 30))
            list(crew.map(lambda plot: next(plot, None), plots))
        return {story.__name__: cast.no for (story, _), cast in zip(WAVE, casts, strict=True)}

    def now(self) -> Any:
        """The case clock; asked again while the database is away."""
        while True:
            try:
                return self.runtime.clock.now()
            except DBAPIError:
                time.sleep(0.2)

    def a_day_to_apply_on(self) -> date:
        """Today, or a month later where nobody retires in a month: the delay skips some months."""
        while True:
            since = office_date(self.now())
            if a_retiree(since, unit=None).retire_date > since.isoformat():
                return since
            self.leap(at(since + timedelta(days=31), 9, 30))

    def leap(self, morning: datetime) -> None:
        """Move everybody's clock to a morning, e.g. when all timers of the wave are due."""
        clock = self.runtime.clock
        assert isinstance(clock, DemoClock)
        while (left := morning - self.now()) > timedelta():
            try:
                clock.advance(left)
            except DBAPIError:
                time.sleep(0.2)
        time.sleep(FRESH_SECONDS)  # until then the other processes may still live in the past

    def refuse_once(self, retiree: Retiree) -> None:
        """Let the medical office refuse the first request about somebody."""
        self.office.instructions.add(
            Behaviour("refuse", reason_code="CONDITION_NOT_MET", delay_seconds=AGENCY_SECONDS),
            operation="medical/retire",
            person=retiree.identity["id_no"],
        )

    def shape(self, no: str) -> dict[str, Any]:
        """All of a case that kills must not change."""
        with self.runtime.reading() as session:
            case = session.scalars(select(Case).where(Case.no == no)).one()
            of = {
                table: list(session.scalars(select(table).where(table.case_id == case.id)))
                for table in (Item, WorkItem, ServiceCall, Notice, CaseSection)
            }
        return {
            "outcome": case.outcome,
            "items": {(i.code, i.state, i.round) for i in of[Item]},
            "tasks": Counter((t.element, t.state) for t in of[WorkItem]),
            "calls": Counter((c.operation, c.state, c.reason_code) for c in of[ServiceCall]),
            "notices": Counter((n.template, n.audience) for n in of[Notice]),
            "sections": Counter(s.name for s in of[CaseSection]),
        }

    def last_wave(self) -> str:
        """How the newest cases stand: for whoever looks into a failure."""
        lines = []
        newest = (
            select(Case)
            .where(Case.process == "joint_case")
            .order_by(Case.id.desc())
            .limit(len(WAVE))
        )
        with self.runtime.reading() as session:
            for case in session.scalars(newest):
                lines.append(f"{case.no} {case.subject} {case.outcome}")
                events = session.scalars(
                    select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.seq)
                )
                lines += [f"  {one.at:%d %H:%M:%S} {one.kind} {one.title}" for one in events]
                for call in session.scalars(
                    select(ServiceCall).where(
                        ServiceCall.case_id == case.id, ServiceCall.finished_at.is_(None)
                    )
                ):
                    lines.append(f"  {call.title} {call.state} {call.changed_at:%d %H:%M:%S}")
                    tries = session.scalars(
                        select(ServiceAttempt).where(ServiceAttempt.call_id == call.id)
                    )
                    lines += [f"    {t.started_at:%H:%M:%S} {t.kind} {t.outcome}" for t in tries]
                    with suppress(NotFound):
                        said = self.office.story(str(call.id))["feedback"]
                        lines += [
                            f"    {one['state']} {one['note']} {one['tries']}" for one in said
                        ]
        return "\n".join(lines)

    def audit(self) -> subprocess.CompletedProcess[str]:
        """The product's own auditor, agencies included."""
        return self.command("audit")

    def leaks(self) -> subprocess.CompletedProcess[str]:
        """The product's own search for numbers in the clear, in all tables and the log."""
        return self.command("leaks", str(self.place.data.with_suffix(".log")))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call a command of the product."""
        return subprocess.run(
            [sys.executable, "-m", "webapp.cli", *words],
            cwd=ROOT,
            env=os.environ | self.place.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def world() -> Iterator[World]:
    quick = {"YIJIANSHI_HEARTBEAT": "0.5", "YIJIANSHI_STALL": "1.5", "WEB_CONCURRENCY": "2"}
    with installed(**quick) as place:
        place.start()
        server = EmbeddedPostgres(place.data / "postgres")
        server.start()
        url = server.url(APPLICATION_ROLE, DATABASE)
        settings = Settings.from_environment(place.environment)
        runtime = make_runtime(replace(settings, database_url=url), "tool")
        assert isinstance(runtime.clock, DemoClock) or settings.demo
        office = Office(place.data / "sandbox", operations, runtime.clock.now, 0)
        office.instructions.add(Behaviour("accept", delay_seconds=AGENCY_SECONDS), times=None)
        try:
            yield World(place, runtime, office)
        finally:
            runtime.sessions.kw["bind"].dispose()
            place.stop()
            server.stop()


def test_random_kills_lose_nothing_and_double_nothing(world: World) -> None:
    calm = {story: world.shape(no) for story, no in world.play_wave().items()}
    for story, (outcome, items) in OUTCOMES.items():
        assert calm[story]["outcome"] == outcome
        assert {code: state for code, state, _ in calm[story]["items"]} == items

    killer = Killer(world.place, SEED, KILLS)
    print(f"\nseed {SEED}, {KILLS} kills")  # noqa: T201 - needed to repeat it
    killer.start()
    waves = []
    try:
        while killer.busy:
            waves.append(world.play_wave())
    except AssertionError as error:
        error.add_note(f"{world.place.told()[-5_000:]}\n{world.last_wave()}")
        raise
    finally:
        killer.stop()
        print("\n".join(killer.killed))  # noqa: T201

    assert len(killer.killed) == KILLS
    for wave in waves:
        for story, no in wave.items():
            assert world.shape(no) == calm[story], (story, no)
    audited = world.audit()
    assert audited.returncode == 0, audited.stdout + audited.stderr
    searched = world.leaks()
    assert searched.returncode == 0, searched.stdout + searched.stderr
