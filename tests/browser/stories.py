"""Which stories are taken through the pages: one of each region, or one for every form there is."""

import os
from collections.abc import Iterator

from handlers.scenario import Story, read_story
from tests.stage import ROOT

#: Region and story.
ONE_OF_EACH = [
    ("jilin", "fund_by_roster"),  # the housing fund centre takes files
    ("zongyang", "departments_by_hand"),  # departments without a system
    ("yangcheng", "desk_agencies_by_hand"),
    ("ningxia", "employee_confirms"),
]


def chosen() -> list[tuple[str, str]]:
    """The four of ``make test``; with ``EVERY_FORM`` as many as fill in every form once."""
    if not os.environ.get("EVERY_FORM"):
        return ONE_OF_EACH
    return [(region, name) for region, _ in ONE_OF_EACH for name in _every_form(region)]


def _every_form(region: str) -> Iterator[str]:
    """Few stories that together begin in every way and submit every task of a region."""
    files = sorted((ROOT / f"processes/{region}/scenarios").glob("*.yaml"))
    stories = {file.stem: read_story(file) for file in files}
    fills = {name: _forms(story) for name, story in stories.items() if not story.practice}
    left = set().union(*fills.values())
    while left:
        best = max(fills, key=lambda name: len(fills[name] & left))
        left -= fills[best]
        yield best


def _forms(story: Story) -> set[str]:
    submitted = {step.submit for step in story.steps if step.submit and step.invalid is None}
    return {f"{story.process} {story.start.by}", *submitted}
