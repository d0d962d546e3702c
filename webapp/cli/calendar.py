"""``yijianshi calendar``: the working days of the years to come."""

from pathlib import Path

import click

from engine.calendar_sheet import read_calendar_file
from engine.calendars import NATIONAL
from engine.commands.publish_calendar import publish_calendar
from engine.errors import Invalid
from webapp.cli._installation import installation

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def command() -> None:
    """工作日历。"""


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--calendar", default=NATIONAL, show_default=True, help="全国 cn，或地方日历的代码。")
@click.option("--title", default="", help="放假通知的名称（xlsx、csv 文件须写）。")
@click.option("--source", default="", help="文号或网址。")
def import_(files: tuple[Path, ...], calendar: str, title: str, source: str) -> None:
    """录入并发布放假通知（json、xlsx、csv），涉及的时限由后台重新计算。"""
    notices = []
    for path in files:
        try:
            notices.append(
                read_calendar_file(path.name, path.read_bytes(), title=title, source=source)
            )
        except Invalid as error:
            raise Invalid(f"{path.name}：{error.message}", error.errors) from error
        if notices[-1].status != "published":
            raise Invalid(f"{path.name}：推算的日历（provisional）不能发布。")
    with installation() as opened:
        for notice in notices:
            publish_calendar(opened.runtime, calendar, notice, opened.operator)
            click.echo(f"{notice.year} 年工作日历已发布：{notice.title}")
