"""``yijianshi serve``: everything on one machine, for a first look and for small offices."""

import os
import sys
from collections.abc import Sequence

import click
import httpx

import handlers  # noqa: F401 - registers the operations that packs are checked against
from engine.database import prepare_database
from engine.settings import Settings
from engine.wiring import make_runtime, publish_packs
from webapp import demo
from webapp.assets import manifest
from webapp.demo import DemoAccount
from webapp.demo_regions import create_regions
from webapp.supervision import Child, Supervisor, require_free_port


@click.command()
def command() -> None:
    """启动全部服务：数据库、网页、后台处理；演示时另有部门模拟系统、演示账号与人员。"""
    settings = Settings.from_environment()
    manifest()  # says at once what to do when the front end was not built
    require_free_port(settings.port, "PORT")
    if settings.demo:
        require_free_port(settings.sandbox_port, "SANDBOX_PORT")
    click.echo("正在准备数据库……")
    with prepare_database(settings) as ready:
        click.echo("正在检查并发布地区包……")
        accounts = _load(ready.settings)
        names = ["web", "worker", *(["sandbox"] if settings.demo else [])]
        supervisor = Supervisor(
            [_child(name, ready.settings) for name in names],
            ready.server,
            ready=lambda: _answers(settings),
            announce=lambda: _announce(settings, accounts),
        )
        supervisor.run()
        click.echo("已全部停止，数据已保留。")


def _load(settings: Settings) -> Sequence[DemoAccount]:
    """Publish the region packs and, in a demonstration, make its accounts and people."""
    runtime = make_runtime(settings, "tool")
    try:
        publish_packs(runtime, f"http://127.0.0.1:{settings.sandbox_port}" if settings.demo else "")
        return [*demo.create(runtime), *create_regions(runtime)] if settings.demo else ()
    finally:
        runtime.sessions.kw["bind"].dispose()


def _child(name: str, settings: Settings) -> Child:
    arguments = [sys.executable, "-m", "webapp.cli", name]
    return Child(name, arguments, os.environ | settings.as_environment())


def _answers(settings: Settings) -> bool:
    """Whether the sign-in page really comes."""
    try:
        with httpx.Client(trust_env=False, follow_redirects=True, timeout=5) as client:
            return client.get(f"http://127.0.0.1:{settings.port}/").is_success
    except httpx.HTTPError:
        return False


def _announce(settings: Settings, accounts: Sequence[DemoAccount]) -> None:
    click.echo(f"\n“一件事”已就绪。\n  办理系统　　http://127.0.0.1:{settings.port}/")
    if settings.demo:
        click.echo(f"  部门模拟　　http://127.0.0.1:{settings.sandbox_port}/")
        click.echo("\n演示账号（请勿用于正式环境）：")
        for account in accounts:
            click.echo(
                f"  {account.region}　{account.login:<16}{account.password:<16}{account.title}"
            )
    click.echo("\n按 Ctrl-C 停止；数据保存在 " + str(settings.data) + "。")
