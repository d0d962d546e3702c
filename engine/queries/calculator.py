"""退休年龄测算: the national rules, and when things open where somebody is insured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import NotFound
from engine.expressions import evaluate
from engine.functions import case_functions
from engine.packs.region import RegionConfig
from engine.queries.regions import active_releases
from engine.rules.outlook import Outlook, outlook
from engine.rules.retirement_age import AgeClass
from engine.runtime import Runtime


@dataclass(frozen=True)
class Moment:
    """Something to do in a month or from it on; ``day`` is its first."""

    day: date
    title: str
    says: str


@dataclass(frozen=True)
class Calculation:
    """What came out, and what the chosen region adds to it; ``config`` None: none was chosen."""

    outlook: Outlook
    config: RegionConfig | None
    moments: Sequence[Moment]


def calculator_regions(runtime: Runtime) -> Mapping[str, str]:
    """The regions that can be chosen: code → name."""
    return {config.code: config.title for config in _regions(runtime)}


def calculate(
    runtime: Runtime, of: AgeClass, year: int, month: int, region: str = ""
) -> Calculation:
    """Work out when somebody may retire and what to do when.

    Args:
        region: code; empty: the national rules only.

    Raises:
        NotFound: no such region.
    """
    found = outlook(of, year, month)
    if not region:
        return Calculation(found, None, [])
    config = next((one for one in _regions(runtime) if one.code == region), None)
    if config is None:
        raise NotFound
    return Calculation(found, config, _moments(runtime, config, found))


def _regions(runtime: Runtime) -> list[RegionConfig]:
    """Those with a guide; a region to practise in tells nobody anything."""
    configs = (release.config for release in active_releases(runtime))
    return [one for one in configs if one.guide is not None and not one.practice]


def _moments(runtime: Runtime, config: RegionConfig, found: Outlook) -> list[Moment]:
    calendar = runtime.calendars[config.calendar]
    functions = case_functions(config, calendar, runtime.clock.now(), {})
    names = {"original": found.original.isoformat(), "statutory": found.statutory.isoformat()}
    assert config.guide is not None
    moments = [
        Moment(
            date.fromisoformat(evaluate(one.at, names, functions)[:10]).replace(day=1),
            one.title,
            one.says,
        )
        for one in config.guide.times
    ]
    return sorted(moments, key=lambda one: one.day)
