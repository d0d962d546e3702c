"""Scenarios: stories of cases that prove a region pack on a virtual clock."""

from handlers.scenario.coverage import Coverage, Report, run_stories
from handlers.scenario.runner import Played, Theatre
from handlers.scenario.story import Story, read_story

__all__ = ["Coverage", "Played", "Report", "Story", "Theatre", "read_story", "run_stories"]
