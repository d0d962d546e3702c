"""Scenarios: stories of cases that prove a region pack, months in a second, on the real parts.

The engine, its tables, the worker's jobs, the signed wire and the agencies' sandbox are the real
ones. Only three things differ from a live installation: the clock stands still until the story
moves it, jobs run at once in this thread, and everything is rolled back at the end.
"""

from handlers.scenario.coverage import Coverage, Report, run_stories
from handlers.scenario.performance import play
from handlers.scenario.story import Story, read_story
from handlers.scenario.theatre import Theatre
from handlers.scenario.verdict import Played
from handlers.scenario.visit import Arrival, Seen, Visitor

__all__ = [
    "Arrival",
    "Coverage",
    "Played",
    "Report",
    "Seen",
    "Story",
    "Theatre",
    "Visitor",
    "play",
    "read_story",
    "run_stories",
]
