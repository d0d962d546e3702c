"""``yijianshi case``: starting, finding, reading and handing over cases."""

import json
from pathlib import Path
from typing import Any, TextIO

import click

from engine.commands.start_case import start_case
from engine.queries.case_page import case_page
from engine.queries.find_cases import find_cases
from webapp import words
from webapp.api.cases import Case
from webapp.case_record import CaseRecord, case_record
from webapp.cli._installation import installation
from webapp.display import moment


@click.group()
def command() -> None:
    """办件：发起、查找、查看和导出。"""


@command.command()
@click.argument("region")
@click.argument("process")
@click.argument("answers", type=click.File(encoding="utf-8"))
@click.option("--as", "login", required=True, help="以哪个账号的名义发起。")
def start(region: str, process: str, answers: TextIO, login: str) -> None:
    """发起办件。ANSWERS 是一个 JSON 文件，写明开始表单的各项；- 表示从标准输入读取。"""
    try:
        given: Any = json.load(answers)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        message = f"{answers.name} 不是有效的 JSON，第 {line} 行附近有误。"
        raise click.BadParameter(message) from None
    if not isinstance(given, dict):
        raise click.BadParameter(f"{answers.name} 的内容应为一个 JSON 对象。")
    with installation() as opened:
        opened.require_region(region)
        actor = opened.actor(login)
        started = start_case(opened.runtime, region, process, given, actor, channel="命令行")
    click.echo(started.no)


@command.command(name="list")
@click.argument("text", default="")
@click.option("--region", default="", help="只列这个地区的。")
@click.option("--process", default="", help="只列这个流程的。")
@click.option("--status", type=click.Choice(["running", "closed"]), help="只列在办或已办结的。")
@click.option("--limit", type=click.IntRange(1, 200), default=50, help="最多列多少件，默认 50。")
@click.option("--after", default="", help="上一页末尾给出的标记。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def list_(
    text: str,
    region: str,
    process: str,
    status: str | None,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """列出办件，新的在前。TEXT 是办件编号（可只写开头）、姓名或身份证号。"""
    with installation() as opened:
        page = find_cases(
            *(opened.runtime, opened.operator, text),
            region=region,
            process=process,
            status=status or "",
            after=after,
            size=limit,
        )
    if as_json:
        cases = [Case.model_validate(row).model_dump(mode="json") for row in page.rows]
        shown = {"cases": cases, "next": page.after or None}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for case in page.rows:
        state = case.outcome_title or words.CASE_STATES[case.status]
        click.echo(f"{case.no}　{case.subject}　{case.title}　{moment(case.started_at)}　{state}")
    click.echo(f"共 {len(page.rows)} 件。" if page.rows else "没有办件。")
    if page.after:
        click.echo(f"还有更多，请加 --after {page.after}")


@command.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def show(number: str, as_json: bool) -> None:
    """查看一个办件现在的情况。"""
    record = _record(number)
    if as_json:
        click.echo(record.model_dump_json(indent=2))
    else:
        _print(record)


@command.command()
@click.argument("number")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到这个文件；不写则输出到屏幕。",
)
def export(number: str, out: Path | None) -> None:
    """导出一个办件的全部内容和经过（JSON）；身份证号、手机号和银行账号隐去中间各位。"""
    text = _record(number).model_dump_json(indent=2)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.FileError(str(out), error.strerror) from error
    click.echo(f"已导出到 {out}。")


def _record(number: str) -> CaseRecord:
    with installation() as opened:
        page = case_page(opened.runtime, number, opened.operator)
        return case_record(page, opened.runtime.operations)


def _print(record: CaseRecord) -> None:
    case = record.case
    state = case.outcome_title or words.CASE_STATES[case.status]
    click.echo(f"{case.no}　{case.title}　{case.subject}　{state}")
    click.echo(f"受理 {moment(case.started_at)}　办结 {moment(case.closed_at) or '—'}")
    for item in record.items:
        due = f"　{moment(item.due_at)} 前办结" if item.due_at else ""
        click.echo(f"  {item.title}：{item.state_title}　{item.agency} {item.phone}{due}")
    for task in record.tasks:
        if task.state == "open":
            role = words.ROLES.get(task.role, task.role)
            click.echo(f"  待办：{task.title}（{role}）")
    for call in record.calls:
        if call.finished_at is None:
            click.echo(f"  请求：{call.title}（{words.CALL_STATES.get(call.state, call.state)}）")
    for event in record.events:
        click.echo(f"  {moment(event.at)}　{event.actor}　{event.title}")
