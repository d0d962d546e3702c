"""``regions``, ``processes``, ``releases`` and ``forms/{key}``: what can be done, and by what."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from engine.errors import NotFound
from engine.packs.release import LoadedRelease
from engine.queries.administration import ReleaseLine, releases
from engine.queries.regions import active_releases, startable
from webapp.api.part import Query, Shape, part
from webapp.context import actor, runtime

regions = part("regions", "地区与流程 regions")


class Policy(Shape):
    """A policy document the region implements."""

    title: str
    number: str
    issuers: list[str]
    issued_on: date | None


class ItemKind(Shape):
    """A joint item of the region, and the agency that owns it."""

    code: str
    title: str
    agency: str
    agency_title: str
    limit: str = Field(description="承诺时限")


class Region(Shape):
    """A region that takes cases, as its active release describes it."""

    code: str
    title: str
    gb_code: str | None
    parent: str | None
    effective_from: date | None
    release: str
    policies: list[Policy]
    items: list[ItemKind]


class RegionList(Shape):
    """All regions in use."""

    regions: list[Region]


class RegionQuery(Query):
    """Of which region; empty means all."""

    region: str = Field("", max_length=40)


class Process(Shape):
    """A process people can start; ``startable``: by this account."""

    region: str
    id: str
    title: str
    start_form: str
    entries: dict[str, str] = Field(description="unit | person | staff → 办理入口")
    startable: bool


class ProcessList(Shape):
    """What can be started."""

    processes: list[Process]


class Release(Shape):
    """An immutable version of a region pack; its id is the hash of its content."""

    id: str
    region: str
    created_at: datetime
    active_from: datetime | None
    active: bool
    running_cases: int


class ReleaseList(Shape):
    """Newest first."""

    releases: list[Release]


class FormQuery(Query):
    """Forms belong to a region."""

    region: str = Field(max_length=40)


class FormContent(Shape):
    """A form: JSON Schema 2020-12 and its uiSchema."""

    key: str
    form_schema: dict[str, Any] = Field(alias="schema")
    ui: dict[str, Any]


@regions.get("/regions")
@regions.output(RegionList)
def list_regions() -> dict[str, Any]:
    """List the regions that take cases today."""
    return {"regions": [_region(release) for release in active_releases(runtime())]}


@regions.get("/processes")
@regions.input(RegionQuery, location="query")
@regions.output(ProcessList)
def list_processes(query_data: RegionQuery) -> dict[str, Any]:
    """List the processes people can start."""
    mine = {(config.code, process) for config, process, _ in startable(runtime(), actor())}
    return {
        "processes": [
            {
                "region": release.config.code,
                "id": process,
                "title": rule.title,
                "start_form": rule.start_form,
                "entries": rule.entries,
                "startable": (release.config.code, process) in mine,
            }
            for release in active_releases(runtime())
            for process, rule in release.config.processes.items()
            if query_data.region in ("", release.config.code)
        ]
    }


@regions.get("/releases")
@regions.input(RegionQuery, location="query")
@regions.output(ReleaseList)
def list_releases(query_data: RegionQuery) -> dict[str, Any]:
    """List the releases of the regions the account administers."""
    lines = releases(runtime(), actor())
    wanted = [one for one in lines if query_data.region in ("", one.release.region)]
    return {"releases": [_release(line) for line in wanted]}


@regions.get("/forms/<key>")
@regions.input(FormQuery, location="query")
@regions.output(FormContent)
def show_form(key: str, query_data: FormQuery) -> dict[str, Any]:
    """Show a form of a region's active release; a task carries the form of its own release."""
    for release in active_releases(runtime()):
        if release.config.code == query_data.region:
            form = release.pack.form(key)
            return {"key": key, "schema": form.schema, "ui": form.ui}
    raise NotFound("该地区尚未启用。")


def _region(release: LoadedRelease) -> dict[str, Any]:
    config = release.config
    items = [
        {
            "code": code,
            "title": item.title,
            "agency": item.agency,
            "agency_title": config.agencies[item.agency].title,
            "limit": item.limit,
        }
        for code, item in sorted(config.items.items(), key=lambda pair: pair[1].order)
    ]
    return {
        "code": config.code,
        "title": config.title,
        "gb_code": config.gb_code,
        "parent": config.parent,
        "effective_from": config.effective_from,
        "release": release.id,
        "policies": config.policies,
        "items": items,
    }


def _release(line: ReleaseLine) -> dict[str, Any]:
    return {
        "id": line.release.id,
        "region": line.release.region,
        "created_at": line.release.created_at,
        "active_from": line.active_from,
        "active": line.is_active,
        "running_cases": line.running,
    }
