"""``yijianshi erase``: what has been kept long enough, and erasing it for ever."""

import click

from engine.clock import office_date
from engine.commands.erase import erase
from engine.commands.erase_table import erase_table
from engine.database import prepare_database
from engine.queries.due_tables import DueTable, due_tables
from engine.queries.retention import Due, due_erasures
from engine.settings import Settings
from engine.wiring import make_runtime


@click.command()
@click.option("--due", "now", is_flag=True, help="真正删除；不可恢复。不写时只列出。")
def command(now: bool) -> None:
    """列出保存期已满的个人信息；加 --due 时删除。

    保存期限由各地区 region.toml 的 [retention] 规定。删除即销毁密钥：加密保存的内容从此无法
    读出，办件的时间、结果和历史记录保留，统计不变。同一人还有在办办件的，不会列出。
    交给部门的名册和上传的表格，自生成次年 1 月 1 日起按本地区最短的年限计算。
    """
    with prepare_database(Settings.from_environment()) as ready:
        runtime = make_runtime(ready.settings, "tool")
        try:
            found, tables = due_erasures(runtime), due_tables(runtime)
            for line in (*map(_line, found), *map(_line_of_table, tables)):
                click.echo(line)
            if not now:
                due = f"{len(found)} 人（件）、{len(tables)} 份名册和表格"
                click.echo(f"保存期已满 {due}，没有作任何改动。删除请加 --due。")
                return
            done = sum(erase(runtime, one.key_id) for one in found)
            gone = sum(erase_table(runtime, one.key_id) for one in tables)
        finally:
            runtime.sessions.kw["bind"].dispose()
    click.echo(f"已删除 {done} 人（件）的个人信息、{gone} 份名册和表格。")


def _line_of_table(due: DueTable) -> str:
    made, over = office_date(due.made_at), office_date(due.due_at)
    return f"{due.region}　{due.title}　{made}　保存期满 {over}"


def _line(due: Due) -> str:
    closed, over = office_date(due.closed_at), office_date(due.due_at)
    return f"{'、'.join(due.cases)}　最后办结 {closed}　保存期满 {over}"
