"""``yijianshi check``: every mistake of all region packs at once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

import handlers  # noqa: F401 - registers the operations that packs are checked against
from engine.operations import operations
from engine.packs.check import check_tree
from engine.packs.problem import Problem
from engine.wiring import PACKS


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def command(paths: Sequence[Path], as_json: bool) -> None:
    """检查地区包：流程图、表单、通知和 region.toml，一次列出全部问题。

    PATH 可以是任一文件夹或文件，只列出其中的问题；不写则检查全部地区。
    """
    problems = sorted(set(_found(paths or [PACKS])))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"共 {len(problems)} 处问题。" if problems else "检查通过，没有问题。")
    if problems:
        raise SystemExit(1)


def _found(paths: Sequence[Path]) -> Iterator[Problem]:
    """The problems at or below each path. The whole tree is read: packs use one another's files."""
    trees: dict[Path, list[Problem]] = {}
    for path in paths:
        root = _root(path)
        if root not in trees:
            trees[root] = check_tree(root, operations)
        place = path.resolve().relative_to(root)
        for problem in trees[root]:
            if Path(problem.file).is_relative_to(place):
                yield problem


def _root(path: Path) -> Path:
    """The folder with ``processes/`` that a path stands in."""
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / "processes").is_dir():
            return folder
    raise click.BadParameter(f"“{path}”不在任何含有 processes 文件夹的目录里。")
