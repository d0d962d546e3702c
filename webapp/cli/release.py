"""``yijianshi release``: freezing region packs, comparing them, and putting them to use."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from engine.clock import at
from engine.commands.activate_release import activate_release
from engine.errors import NotFound
from engine.operations import operations
from engine.packs.difference import FileDifference, difference
from engine.packs.pack import read_pack
from engine.packs.proof import kept_proof
from engine.packs.release import LoadedRelease, publish
from engine.queries.administration import ReleaseLine, releases
from engine.runtime import Runtime
from engine.scratch_database import scratch_database
from engine.settings import Settings
from engine.wiring import PACKS
from handlers.scenario import run_stories
from webapp.cli._installation import installation
from webapp.display import day, moment
from webapp.visitor import PageVisitor

_CHANGES = {"added": "＋", "removed": "－", "changed": "～"}
ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=PACKS,
    help="含有 processes 和 forms 的文件夹；默认是随程序安装的。",
)


@click.group()
def command() -> None:
    """发布版本：冻结、比较和启用地区包。"""


@command.command()
@click.argument("region")
@ROOT
def build(region: str, root: Path) -> None:
    """检查地区包、运行它的全部场景，都通过才冻结为一个发布版本；不启用。"""
    pack = read_pack(root, region)
    settings = Settings.from_environment()
    with scratch_database(settings) as engine:
        report = run_stories(engine, root, region, visitor=PageVisitor(settings))
    for name, played in report.stories.items():
        for failure in played.failures:
            click.echo(f"✗ {name}　{failure}", err=True)
    if report.failed:
        click.echo(f"{report.failed} 个场景未通过，没有发布。", err=True)
        raise SystemExit(1)
    if pack.clauses and kept_proof(pack) != report.proof:
        hint = f"yijianshi clauses report {region} --write"
        click.echo(f"proof.json 与场景的结果不一致，条款页面会过时。请运行 {hint}。", err=True)
    with installation() as opened, opened.runtime.transaction() as session:
        release_id = publish(session, pack, operations, opened.runtime.clock.now())
    click.echo(f"{report.passed} 个场景通过。", err=True)
    click.echo(release_id)


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def list_(as_json: bool) -> None:
    """列出全部发布版本，新的在前；● 为新办件所用的版本。"""
    with installation() as opened:
        lines = releases(opened.runtime)
    if as_json:
        shown = [_as_json(line) for line in lines]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for line in lines:
        mark = "●" if line.is_active else "○"
        since = f"{day(line.active_from)} 起启用" if line.active_from else "未启用"
        click.echo(
            f"{mark} {line.release.id[:12]}　{line.release.region}　"
            f"发布于 {day(line.release.created_at)}　{since}　在办 {line.running} 件"
        )
    click.echo(f"共 {len(lines)} 个发布版本。")


@command.command()
@click.argument("before")
@click.argument("after", default="")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
@ROOT
def diff(before: str, after: str, as_json: bool, root: Path) -> None:
    """比较两个发布版本；不写 AFTER 则与文件夹里现在的地区包比较。版本号可只写开头。"""
    with installation() as opened:
        old = _release(opened.runtime, before).pack
        new = _release(opened.runtime, after).pack if after else read_pack(root, old.region)
    found = difference(old.files, new.files)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print(found)


@command.command(name="activate")
@click.argument("release")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="从哪一天零时起；不写则立即启用。",
)
def activate_(release: str, since: datetime | None) -> None:
    """启用一个发布版本：此后的新办件用它，在办的仍用各自开始时的版本。

    首次出现的部门按地区包登记，接口地址请到“部门设置”中填写；地区包中改过的对接方式随之生效。
    指定了日期的，改过的对接方式在该日期之后系统下一次启动（yijianshi serve）时生效。
    """
    with installation() as opened:
        chosen = _release(opened.runtime, release)
        now = opened.runtime.clock.now()
        active_from = at(date(since.year, since.month, since.day)) if since else now
        if active_from < now:
            raise click.BadParameter("启用日期不能早于今天。", param_hint="--from")
        with opened.runtime.transaction() as session:
            activate_release(opened.runtime, session, chosen, active_from)
    click.echo(f"{chosen.config.title}将从 {moment(active_from)} 起启用该版本。")


def _release(runtime: Runtime, start: str) -> LoadedRelease:
    """The one release whose id begins like this."""
    found = [line.release.id for line in releases(runtime) if line.release.id.startswith(start)]
    if len(found) != 1:
        many = "不止一个发布版本" if found else "没有发布版本"
        raise NotFound(f"{many}以“{start}”开头。请用 yijianshi release list 查看。")
    with runtime.reading() as session:
        return runtime.releases.get(session, found[0])


def _print(found: Sequence[FileDifference]) -> None:
    for file in found:
        click.echo(f"{_CHANGES[file.change]} {file.path}")
        for element, change in file.elements.items():
            click.echo(f"    {_CHANGES[change]} {element}")
        if file.change == "changed" and file.path.endswith(".bpmn") and not file.elements:
            click.echo("    只移动了图形")
    click.echo(f"共 {len(found)} 个文件不同。" if found else "没有不同。")


def _as_json(line: ReleaseLine) -> dict[str, object]:
    return {
        "id": line.release.id,
        "region": line.release.region,
        "created_at": line.release.created_at.isoformat(),
        "active_from": line.active_from.isoformat() if line.active_from else None,
        "active": line.is_active,
        "running_cases": line.running,
    }
