"""``yijianshi diagram``: work on the drawings of processes."""

from collections.abc import Sequence
from pathlib import Path

import click

from engine.arrangement import arrange as arranged


@click.group()
def command() -> None:
    """流程图。"""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def arrange(files: Sequence[Path]) -> None:
    """整理布局：按泳道从左到右重新画图。流程的含义不变，只换图形。"""
    for file in files:
        file.write_bytes(arranged(file.name, file.read_bytes()))
        click.echo(f"已整理：{file}")
