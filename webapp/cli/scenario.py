"""``yijianshi scenario``: plays the stories that prove a region pack."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from engine.scratch_database import scratch_database
from engine.settings import Settings
from engine.wiring import PACKS
from handlers.scenario import Coverage, Played, Report, run_stories
from webapp.visitor import PageVisitor


@click.group()
def command() -> None:
    """场景：用虚拟时钟把整件事演一遍，证明地区包可用。"""


@command.command()
@click.argument("what", metavar="[REGION|FILE]", default="")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def run(what: str, as_json: bool) -> None:
    """运行场景，列出通过与未通过的，以及每个流程还没走过的连线。

    REGION 是地区代码，FILE 是一个场景文件；不写则运行全部地区的场景。
    场景在临时数据库中运行，不触及任何办件。
    """
    root, chosen = _chosen(what)
    say = _silent if as_json else _tell
    settings = Settings.from_environment()
    visitor = PageVisitor(settings)
    with scratch_database(settings) as engine:
        reports = {
            region: run_stories(engine, root, region, files, after_each=say, visitor=visitor)
            for region, files in chosen.items()
        }
    if as_json:
        click.echo(json.dumps(_as_json(reports), ensure_ascii=False, indent=2))
    else:
        _print(reports, coverage=not any(chosen.values()))
    if any(report.failed for report in reports.values()):
        raise SystemExit(1)


def _chosen(what: str) -> tuple[Path, Mapping[str, Sequence[Path] | None]]:
    """The root folder, and the stories to play of each region; ``None`` means all of them."""
    regions = sorted(path.parent.name for path in PACKS.glob("processes/*/region.toml"))
    if not what:
        return PACKS, dict.fromkeys(regions)
    if what in regions:
        return PACKS, {what: None}
    file = Path(what).resolve()
    if not file.is_file():
        raise click.BadParameter(
            f"没有地区或场景文件“{what}”。地区有：{'、'.join(regions) or '无'}。"
        )
    for region in file.parents:
        if (region / "region.toml").is_file() and region.parent.name == "processes":
            return region.parents[1], {region.name: [file]}
    raise click.BadParameter(f"“{what}”不在地区文件夹里（processes/<地区>/scenarios/）。")


# ---------------------------------------------------------------- telling


def _tell(name: str, played: Played) -> None:
    click.echo(f"{'✓' if played.passed else '✗'} {name}　{played.title}")
    for failure in played.failures:
        click.echo(f"    {failure}")


def _silent(name: str, played: Played) -> None:
    """A program reads only the end."""


def _print(reports: Mapping[str, Report], *, coverage: bool) -> None:
    for region, report in reports.items():
        click.echo(f"\n{region}：{report.passed} 个通过，{report.failed} 个未通过。")
        for process, flow in report.flows.items() if coverage else ():
            missed = f"　没有走过：{'、'.join(flow.missed)}" if flow.missed else ""
            click.echo(f"  {process:<24}连线 {flow.covered}/{flow.total}{missed}")


def _as_json(reports: Mapping[str, Report]) -> dict[str, object]:
    """One object for all regions; processes of one name in two regions carry the region's code."""
    names = Counter(process for report in reports.values() for process in report.flows)
    return {
        "passed": sum(report.passed for report in reports.values()),
        "failed": sum(report.failed for report in reports.values()),
        "flows": {
            process if names[process] == 1 else f"{region}/{process}": _flow(flow)
            for region, report in reports.items()
            for process, flow in report.flows.items()
        },
        "stories": {
            f"{region}/{name}": played.failures
            for region, report in reports.items()
            for name, played in report.stories.items()
        },
    }


def _flow(flow: Coverage) -> dict[str, object]:
    return {"covered": flow.covered, "total": flow.total, "missed": list(flow.missed)}
