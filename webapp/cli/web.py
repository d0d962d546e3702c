"""``yijianshi web``: the pages and the REST API."""

import click

from engine.database import prepare_database
from engine.settings import Settings
from webapp import create_app
from webapp.cli._gunicorn import HttpServer, process_count


@click.command()
def command() -> None:
    """运行网页与接口服务。"""
    with prepare_database(Settings.from_environment()) as ready:
        HttpServer(lambda: create_app(ready.settings), ready.settings.port, process_count()).run()
