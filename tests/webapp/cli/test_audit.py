"""``yijianshi audit``: says that all is well, or what is not."""

from sqlalchemy import delete

from engine.models import WorkItem
from tests.installation import free_port
from tests.stage import RETIREE
from tests.webapp.cli.conftest import Terminal


def test_an_honest_installation_passes_and_a_lost_task_is_named(terminal: Terminal) -> None:
    number = terminal.stage.start("record_prereview", terminal.stage.li, RETIREE).no
    result = terminal.run("audit", YIJIANSHI_DEMO="0")
    assert (result.exit_code, result.output) == (0, "核对完毕，没有发现不符。\n"), result.error

    with terminal.stage.runtime.transaction() as session:
        session.execute(delete(WorkItem))
    for arguments in ((), (number,)):
        result = terminal.run("audit", *arguments, YIJIANSHI_DEMO="0")
        assert result.exit_code == 1
        assert f"{number}：待办与流程状态不符" in result.output


def test_without_the_agencies_it_says_what_to_do(terminal: Terminal) -> None:
    result = terminal.run("audit", SANDBOX_PORT=str(free_port()))
    assert result.exit_code == 1
    assert "部门模拟系统没有运行，无法对账" in result.error


def test_an_unknown_case_is_said_to_be_unknown(terminal: Terminal) -> None:
    result = terminal.run("audit", "JL2027042099999")
    assert result.exit_code == 1
    assert "没有办件 JL2027042099999" in result.error
