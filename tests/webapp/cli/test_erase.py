"""``yijianshi erase``: lists what is due; erases only when told to."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from engine.models import Case, DataKey, MessageInbox, Person, Timer, Upload
from tests.engine.test_rosters import MET, WHO, book, take
from tests.engine.test_way_of_a_case import put_on_record
from tests.webapp.cli.conftest import Terminal


def key_of_person(terminal: Terminal) -> bytes | None:
    with terminal.stage.runtime.reading() as session:
        return session.scalars(
            select(DataKey.wrapped).join(Person, Person.data_key_id == DataKey.id)
        ).one()


def test_it_lists_first_and_erases_when_told_to(terminal: Terminal) -> None:
    put_on_record(terminal.stage)
    take(terminal.stage, book([*WHO, *MET]))
    result = terminal.run("erase", YIJIANSHI_DEMO="0")
    assert "保存期已满 0 人（件）、0 份" in result.output, result.error

    long_ago = datetime.now(UTC) - timedelta(days=52 * 366)
    with terminal.stage.runtime.transaction() as session:
        no = session.scalars(update(Case).values(closed_at=long_ago).returning(Case.no)).one()
        session.execute(update(Upload).values(uploaded_at=long_ago))
        session.execute(update(Timer).values(fired_at=long_ago))
        session.execute(update(MessageInbox).values(expires_at=long_ago))
    result = terminal.run("erase", YIJIANSHI_DEMO="0")
    assert result.exit_code == 0, result.error
    assert no in result.output and "没有作任何改动" in result.output
    assert "jilin　导入的名册　" in result.output
    assert key_of_person(terminal) is not None

    result = terminal.run("erase", "--due", YIJIANSHI_DEMO="0")
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "已删除 1 人（件）的个人信息、1 份名册和表格。",
    )
    assert key_of_person(terminal) is None
    assert "已删除 0 人（件）" in terminal.run("erase", "--due", YIJIANSHI_DEMO="0").output
    result = terminal.run("audit", YIJIANSHI_DEMO="0")
    assert (result.exit_code, result.output) == (0, "核对完毕，没有发现不符。\n"), result.error
