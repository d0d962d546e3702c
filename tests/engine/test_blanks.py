"""Places a policy document leaves blank must be filled in before its region goes live."""

from dataclasses import replace
from datetime import date

import pytest

from engine.commands.activate_release import activate_release, may_go_live
from engine.demo_clock import DemoClock
from engine.errors import Conflict
from engine.operations import operations
from engine.packs.pack import Pack, read_pack
from engine.packs.release import publish
from tests.stage import ROOT, Stage

NINGXIA = read_pack(ROOT, "ningxia")
FILLED = {
    b'to_fill = ["effective_from", "policies.0.number", "policies.0.issued_on"]': (
        b"effective_from = 2026-01-01"
    ),
    b"[[policies]]\n": b"[[policies]]\nnumber = 'No. 1'\nissued_on = 2025-12-01\n",
}


def filled_in() -> Pack:
    path = "processes/ningxia/region.toml"
    raw = NINGXIA.files[path]
    for blank, value in FILLED.items():
        assert blank in raw
        raw = raw.replace(blank, value, 1)
    return Pack.from_files("ningxia", {**NINGXIA.files, path: raw})


def test_a_region_with_blanks_does_not_go_live(stage: Stage) -> None:
    now = stage.clock.now()
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.get(session, publish(session, NINGXIA, operations, now))

        with pytest.raises(Conflict, match=r"effective_from、policies\.0\.number"):
            activate_release(stage.runtime, session, release, now)


def test_once_they_are_filled_in_it_does(stage: Stage) -> None:
    now = stage.clock.now()
    with stage.runtime.transaction() as session:
        release = stage.runtime.releases.get(
            session, publish(session, filled_in(), operations, now)
        )
        activate_release(stage.runtime, session, release, now)

        active = stage.runtime.releases.active(session, "ningxia", now)

    assert active.config.effective_from == date(2026, 1, 1)


def test_a_demonstration_may_begin_with_blanks(stage: Stage) -> None:
    assert not may_go_live(stage.runtime, NINGXIA.config)
    demo = replace(stage.runtime, clock=DemoClock(stage.runtime.sessions))
    assert may_go_live(demo, NINGXIA.config)
