"""Whoever finished a task is led on to the next only where it is theirs."""

from pathlib import Path

from engine.calendar import WorkCalendar
from engine.models import Case, WorkItem
from engine.packs.pack import read_pack
from engine.queries.next_task import next_task
from engine.queries.task_page import task_page
from handlers.scenario import Theatre, read_story
from handlers.scenario.performance import Performance
from tests.conftest import Database
from tests.stage import ROOT


def test_what_was_sent_back_waits_for_whoever_did_it_and_a_check_for_other_hands(
    shared_database: Database, tmp_path: Path
) -> None:
    pack = read_pack(ROOT, "ningxia")
    calendar = WorkCalendar.load(ROOT / "processes" / "calendar", "ningxia")
    story = read_story(ROOT / "processes/ningxia/scenarios/retires_on_time.yaml")
    steps = list(story.steps)
    sent_back = next(n for n, step in enumerate(steps) if step.submit == "check")
    with Theatre(shared_database.engine, pack, calendar) as theatre, theatre.scene():
        told = story.model_copy(update={"steps": steps[:sent_back]})
        play = Performance(theatre, told, tmp_path)
        play.play()
        no = play.verdict.one(Case, Case.process == story.process).no
        reviewer, checker = play.cast.worker("si_reviewer"), play.cast.colleague()
        check = play.verdict.one(WorkItem, WorkItem.element == "check")

        assert next_task(play.runtime, no, reviewer) is None
        assert "须由另一名人员办理" in task_page(play.runtime, check.id, reviewer).barred
        following = next_task(play.runtime, no, checker)
        assert following is not None and following.id == check.id
        assert task_page(play.runtime, check.id, checker).barred == ""

        play._step(steps[sent_back])
        assert next_task(play.runtime, no, checker) is None
        following = next_task(play.runtime, no, reviewer)
        assert following is not None and following.element == "review"
