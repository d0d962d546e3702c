"""``yijianshi clock``: the demonstration's time."""

from datetime import datetime, timedelta

import click

from engine.calendar import months_after
from engine.clock import CHINA, office_date
from engine.demo_clock import DemoClock
from engine.queries.administration import next_timers
from webapp.cli._installation import Installation, installation
from webapp.display import moment


@click.group()
def command() -> None:
    """演示时钟（仅限演示环境）。"""


@command.command()
def show() -> None:
    """显示现在的演示时间和接下来会到时的事。"""
    with installation() as opened:
        click.echo(f"现在是 {moment(_clock(opened).now())}。")
        for timer, case_no in next_timers(opened.runtime):
            click.echo(f"  {moment(timer.due_at)}　{case_no}")


@command.command()
@click.option("--hours", type=click.IntRange(0, 10_000), default=0, help="推进的小时数。")
@click.option("--days", type=click.IntRange(0, 4_000), default=0, help="推进的天数。")
@click.option("--working-days", type=click.IntRange(0, 1_000), default=0, help="推进的工作日数。")
@click.option("--months", type=click.IntRange(0, 120), default=0, help="推进的月数。")
@click.option("--next", "to_next", is_flag=True, help="推进到下一件到时的事。")
def advance(hours: int, days: int, working_days: int, months: int, to_next: bool) -> None:
    """把演示时间向前推进；到时的事由后台处理进程办理。"""
    if to_next == any((hours, days, working_days, months)):
        raise click.UsageError("请写明推进多少（例如 --days 1），或只写 --next。")
    with installation() as opened:
        clock = _clock(opened)
        now = clock.now()
        if to_next:
            target = _next(opened, now)
        else:
            target = now + timedelta(days=days, hours=hours)
            day = months_after(office_date(target), months) if months else office_date(target)
            if working_days:
                day, _ = opened.runtime.calendars["cn"].add_working_days(day, working_days)
            target = datetime.combine(day, target.astimezone(CHINA).timetz())
        click.echo(f"演示时间已推进到 {moment(clock.advance(target - now))}。")


def _next(opened: Installation, now: datetime) -> datetime:
    timers = next_timers(opened.runtime, limit=1)
    if not timers:
        click.echo("没有等待到时的事，时间未变。", err=True)
        raise SystemExit(1)
    return max(now, timers[0][0].due_at + timedelta(seconds=1))


def _clock(opened: Installation) -> DemoClock:
    clock = opened.runtime.clock
    if not isinstance(clock, DemoClock):
        raise click.UsageError("只有演示环境（YIJIANSHI_DEMO=1）可以移动时间。")
    return clock
