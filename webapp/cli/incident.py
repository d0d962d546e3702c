"""``yijianshi incident``: what automation gave up on."""

import json
from uuid import UUID

import click

from engine.commands.retry_incident import retry_incident
from engine.models import Case, Incident
from engine.queries.incidents import incidents
from webapp.cli._installation import installation
from webapp.display import moment


@click.group()
def command() -> None:
    """异常：自动办理不下去、等人处理的事。"""


@command.command(name="list")
@click.option("--closed", is_flag=True, help="列出已处理的。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def list_(closed: bool, as_json: bool) -> None:
    """列出异常；默认只列未处理的，最早的在前。"""
    with installation() as opened:
        rows = incidents(opened.runtime, opened.operator, closed=closed)
    if as_json:
        shown = [_as_json(incident, case) for incident, case in rows]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for incident, case in rows:
        when = moment(incident.opened_at)
        click.echo(f"{incident.id}　{case.no}　{when}　{incident.title}：{incident.message}")
    click.echo(f"共 {len(rows)} 条。" if rows else "没有异常。")


@command.command()
@click.argument("incident_id", type=click.UUID, metavar="ID")
@click.option("--note", required=True, help="查明并处理了什么；随异常存档。")
def retry(incident_id: UUID, note: str) -> None:
    """处理完毕，再次发出请求；沿用原来的请求编号，不会重复办理。"""
    with installation() as opened:
        retry_incident(opened.runtime, incident_id, note, opened.operator)
    click.echo("已重新发出。")


def _as_json(incident: Incident, case: Case) -> dict[str, str | None]:
    return {
        "id": str(incident.id),
        "case": case.no,
        "region": case.region,
        "kind": incident.kind,
        "title": incident.title,
        "message": incident.message,
        "opened_at": incident.opened_at.isoformat(),
        "closed_at": incident.closed_at.isoformat() if incident.closed_at else None,
        "resolution": incident.resolution,
    }
