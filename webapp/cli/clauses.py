"""``yijianshi clauses``: where each sentence of a policy is fulfilled, and what proves it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from engine.errors import NotFound
from engine.packs.proof import STATES, Traced, dump_proof, proof_path, summarise, trace
from engine.scratch_database import scratch_database
from engine.settings import Settings
from engine.wiring import PACKS
from handlers.scenario import Report, run_stories
from webapp.visitor import PageVisitor

_MARKS = {"proven": "✓", "fulfilled": "△", "missing": "✗", "out": "－"}


@click.group()
def command() -> None:
    """条款：逐条列出政策原文在何处实现、由哪个场景证明。"""


@command.command()
@click.argument("regions", metavar="[REGION]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
@click.option("--write", is_flag=True, help="把结果写入各地区的 proof.json，随版本发布。")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=PACKS,
    help="含有 processes 和 forms 的文件夹；默认是随程序安装的。",
)
def report(regions: Sequence[str], as_json: bool, write: bool, root: Path) -> None:
    """运行场景，逐条列出条款：原文、在何处实现、由哪个场景证明。

    REGION 是地区代码；不写则报告全部有 clauses.csv 的地区。须由系统实现的条款有一条未实现或未证明，
    退出码为 1。没有通过的场景不能证明任何条款。
    """
    played = _play(root, regions or _with_clauses(root))
    if write:
        for region, told in played.items():
            (root / proof_path(region)).write_text(dump_proof(told.proof), "utf-8")
    traced = {region: trace(told.pack, told.proof) for region, told in played.items()}
    if as_json:
        click.echo(json.dumps(_as_json(traced, played), ensure_ascii=False, indent=2))
    else:
        for region, lines in traced.items():
            _print(region, lines, played[region])
    if any(summarise(lines).missing for lines in traced.values()):
        raise SystemExit(1)


def _with_clauses(root: Path) -> list[str]:
    found = sorted(path.parent.name for path in root.glob("processes/*/clauses.csv"))
    if not found:
        raise click.BadParameter("没有一个地区有 clauses.csv。")
    return found


def _play(root: Path, regions: Sequence[str]) -> Mapping[str, Report]:
    settings = Settings.from_environment()
    visitor = PageVisitor(settings)
    with scratch_database(settings) as engine:
        try:
            return {one: run_stories(engine, root, one, visitor=visitor) for one in regions}
        except NotFound as error:
            raise click.BadParameter(error.message) from None


def _print(region: str, lines: Sequence[Traced], told: Report) -> None:
    for line in lines:
        clause = line.clause
        click.echo(f"{_MARKS[line.state]} {clause.id}　“{clause.text}”　{STATES[line.state]}")
        if line.state == "out":
            click.echo(f"    {clause.scope_reason}")
        for place, stories in line.places:
            proof = f"　← {'、'.join(stories)}" if stories else ""
            click.echo(f"    {place.title}（{place.kind}/{place.ref}）{proof}")
    sums = summarise(lines)
    click.echo(
        f"\n{region}：共 {sums.total} 条，须由系统实现 {sums.in_scope} 条，"
        f"已实现 {sums.fulfilled} 条，已证明 {sums.proven} 条。"
    )
    if sums.missing:
        click.echo(f"尚缺 {len(sums.missing)} 条：{'、'.join(sums.missing)}")
    if told.failed:
        click.echo(f"{told.failed} 个场景没有通过，运行 yijianshi scenario run {region} 查看。")
    click.echo()


def _as_json(
    traced: Mapping[str, Sequence[Traced]], played: Mapping[str, Report]
) -> dict[str, object]:
    regions = {region: summarise(lines) for region, lines in traced.items()}
    whole = summarise([line for lines in traced.values() for line in lines])
    return {
        **asdict(whole),
        "failed_stories": sum(told.failed for told in played.values()),
        "regions": {region: asdict(one) for region, one in regions.items()},
        "clauses": [_clause(region, line) for region, lines in traced.items() for line in lines],
    }


def _clause(region: str, line: Traced) -> dict[str, object]:
    return {
        "region": region,
        **asdict(line.clause),
        "state": line.state,
        "places": [
            {
                "kind": place.kind,
                "ref": place.ref,
                "title": place.title,
                "file": place.file,
                "stories": list(stories),
            }
            for place, stories in line.places
        ],
    }
