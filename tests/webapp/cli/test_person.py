"""``yijianshi person import``: everybody or nobody, and every mistake by its line."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.models import Person, PersonFile, Unit
from tests.webapp.cli.conftest import Terminal

HEAD = "姓名,身份证号,手机号,单位名称,统一社会信用代码\n"
GOOD = (
    "张建国,220199196611200016,13900000001,吉林省示范机械有限公司,91220199MA0X00001W\n"
    "\n"
    "李秀英,220199196611200024,,,\n"
)


def people(terminal: Terminal) -> int:
    with terminal.stage.runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_people_are_registered_as_often_as_asked(
    terminal: Terminal, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEAD + GOOD, encoding)

    for _ in range(2):
        result = terminal.run("person", "import", "jilin", str(file))
        assert result.exit_code == 0, result.error
        assert "已登记 2 人" in result.output
    with terminal.stage.runtime.reading() as session:
        kinds = session.scalars(select(PersonFile.employment).order_by(PersonFile.employment))
        assert list(kinds) == ["employee", "flexible"]


def test_an_employer_nobody_knew_is_registered_too(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    row = "李秀英,220199196611200024,,长春样例纺织有限公司,91640199MA7600005C\n"
    file.write_text(HEAD + row)

    result = terminal.run("person", "import", "jilin", str(file))

    assert result.exit_code == 0, result.error
    with terminal.stage.runtime.reading() as session:
        assert session.scalar(select(Unit.name).where(Unit.uscc == "91640199MA7600005C"))


def test_one_mistake_keeps_everybody_out_and_every_mistake_is_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        HEAD + GOOD + "王,220199196611200017,1390000,某某公司,\n"
        "李秀英,220199196611200024,,别的名字有限公司,91220199MA0X00001W\n"
    )

    result = terminal.run("person", "import", "jilin", str(file))

    assert result.exit_code == 1
    for told in (
        "people.csv 第 5 行，姓名：",
        "people.csv 第 5 行，身份证号：",
        "people.csv 第 5 行，手机号：",
        "people.csv 第 5 行，单位名称：",
        "people.csv 第 6 行，单位名称：该代码已登记为“吉林省示范机械有限公司”",
        "共 5 处有误，没有导入任何人",
    ):
        assert told in result.error
    assert people(terminal) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "缺少列：单位名称、姓名、手机号、统一社会信用代码、身份证号"),
        ("姓名,身份证号\n".encode(), "第 1 行缺少列：单位名称、手机号、统一社会信用代码"),
        (b"\xff\xfe\x00", "不是文本文件"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    terminal: Terminal, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    result = terminal.run("person", "import", "jilin", str(file))

    assert result.exit_code == 1
    assert said in result.error
