"""``yijianshi db``: the database."""

import click

from engine.database import prepare_database
from engine.settings import Settings


@click.group()
def command() -> None:
    """数据库维护。"""


@command.command()
def upgrade() -> None:
    """把数据库结构升级到当前版本；可重复执行。"""
    with prepare_database(Settings.from_environment()):
        click.echo("数据库结构已是当前版本。")
