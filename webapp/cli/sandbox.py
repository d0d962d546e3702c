"""``yijianshi sandbox``: the simulated agencies."""

import click
from flask import Flask
from sqlalchemy.orm import sessionmaker

from engine.database import connect, prepare_database
from engine.demo_clock import DemoClock
from engine.settings import Settings
from handlers.sandbox import create_app
from webapp.cli._gunicorn import HttpServer
from webapp.demo_register import register


@click.command()
def command() -> None:
    """运行部门模拟系统。"""
    with prepare_database(Settings.from_environment()) as ready:
        # one process: its courier's thread must be the only one
        HttpServer(lambda: _make_app(ready.settings), ready.settings.sandbox_port, 1).run()


def _make_app(settings: Settings) -> Flask:
    folder = settings.data / "sandbox"
    address = f"http://127.0.0.1:{settings.sandbox_port}"
    web = settings.public_url or f"http://127.0.0.1:{settings.port}"
    if not settings.demo or settings.database_url is None:
        return create_app(folder, settings.agency_secret, attended=True, address=address, web=web)
    sessions = sessionmaker(connect(settings.database_url, "tool", pool_size=1))
    return create_app(
        folder,
        settings.agency_secret,
        clock=DemoClock(sessions).now,
        attended=True,
        address=address,
        web=web,
        register=lambda: register(sessions),
    )
