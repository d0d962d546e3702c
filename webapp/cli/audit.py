"""``yijianshi audit``: proving that nothing was lost and nothing was done twice."""

import sys
from collections.abc import Iterable
from uuid import UUID

import click
import httpx
from sqlalchemy import select

import handlers  # noqa: F401 - registers the operations
from engine.database import prepare_database
from engine.errors import AgencyUnavailable, NotFound
from engine.models import Case
from engine.queries.audit import audit
from engine.queries.reconciliation import Received, reconcile
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_runtime


@click.command()
@click.argument("case_no", nargs=-1)
def command(case_no: tuple[str, ...]) -> None:
    """核对办件：流程状态、数据与历史一致，演示时并与部门模拟系统对账。

    不写办件编号时核对全部办件。运行中也可核对；发现问题时退出码为 1。
    """
    with prepare_database(Settings.from_environment()) as ready:
        settings = ready.settings
        runtime = make_runtime(settings, "tool")
        try:
            _require(runtime, case_no)
            found = audit(runtime, case_no)
            if settings.demo and not case_no:
                found += reconcile(runtime, lambda: received(settings.sandbox_port))
        finally:
            runtime.sessions.kw["bind"].dispose()
    for finding in found:
        click.echo(finding)
    click.echo(f"发现 {len(found)} 处不符。" if found else "核对完毕，没有发现不符。")
    if found:
        sys.exit(1)


def _require(runtime: Runtime, numbers: tuple[str, ...]) -> None:
    """A mistyped number must not pass for a case that is in order."""
    with runtime.reading() as session:
        known = set(session.scalars(select(Case.no).where(Case.no.in_(numbers))))
    if unknown := [number for number in numbers if number not in known]:
        raise NotFound(f"没有办件 {'、'.join(unknown)}。")


def received(port: int) -> Iterable[Received]:
    """What the sandbox's agencies received and did.

    Raises:
        AgencyUnavailable: the sandbox does not run; start it, then audit again.
    """
    try:
        with httpx.Client(trust_env=False, timeout=30) as client:
            answer = client.get(f"http://127.0.0.1:{port}/audit").raise_for_status()
    except httpx.HTTPError:
        raise AgencyUnavailable("部门模拟系统没有运行，无法对账。") from None
    return [
        Received(
            request_id=UUID(line["request_id"]),
            operation=line["operation"],
            case_no=line["case_no"],
            status=line["status"],
            effects=line["effects"],
            cancelled=line["cancelled"],
        )
        for line in answer.json()
    ]
