"""``yijianshi worker``: calls agencies, applies their feedback and fires timers."""

import click

from engine.database import prepare_database
from engine.settings import Settings
from handlers import worker


@click.command()
def command() -> None:
    """运行后台处理进程。"""
    with prepare_database(Settings.from_environment()) as ready:
        worker.main(ready.settings)
