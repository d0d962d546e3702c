"""Numbers of people in the clear are found, and what only looks like one is not."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection, Engine, text

from engine.leaks import Leak, find_leaks, texts
from engine.queries.leaks import database_leaks, searched_columns
from engine.sheets import Sheet, write_book
from tests.stage import CARD, RETIREE, Stage

ID_NO, ACCOUNT, MOBILE = RETIREE["id_no"], CARD["account_no"], RETIREE["mobile"]


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (f"person {ID_NO} refused", ["身份证号"]),
        (f'{{"id_no": "{ID_NO}"}}', ["身份证号"]),
        (f"GET /cases?q={ID_NO}&x=1", ["身份证号"]),
        ("22019919661120001X", []),  # its check digit is another
        (f"card={ACCOUNT};", ["银行账号"]),
        ("6222020000000000019", []),
        (f"tel:{MOBILE}, {MOBILE}", ["手机号码"]),
        ("220199********0016 和 139****0001", []),
        ("0.13900000001", []),
        ("a13900000001b", []),
        ("91220199MA0X00001W", []),
        ("2027-05-20T09:00:00+08:00 1812345678", []),
    ],
)
def test_a_number_is_found_by_its_shape(said: str, kinds: list[str]) -> None:
    assert [leak.kind for leak in find_leaks("log", said)] == kinds


def test_a_known_number_is_found_inside_of_anything() -> None:
    hidden = f"id{ID_NO}x"
    assert list(find_leaks("log", hidden)) == []
    (leak,) = find_leaks("log", hidden, known=[ID_NO])
    assert ID_NO not in str(leak)


def leaks_in(name: str, content: bytes) -> list[Leak]:
    return [leak for place, said in texts(name, content) for leak in find_leaks(place, said)]


def test_a_number_is_found_in_a_workbook_and_cut_in_two_in_a_document() -> None:
    book = write_book([Sheet("名册", ["身份证号"], [[ID_NO]])], ["请逐行填写"])
    assert any(leak.place.startswith("a.xlsx 中的 xl/") for leak in leaks_in("a.xlsx", book))
    paper = BytesIO()
    with ZipFile(paper, "w") as parts:
        cut = f"<w:p><w:t>{ID_NO[:9]}</w:t><w:b/><w:t>{ID_NO[9:]}</w:t></w:p>"
        parts.writestr("word/document.xml", cut)
    (found,) = leaks_in("a.docx", paper.getvalue())
    assert str(found).startswith("a.docx 中的 word/document.xml：身份证号 220199*")


def test_every_kind_of_column_is_searched(stage: Stage, connection: Connection) -> None:
    assert list(database_leaks(connection)) == []
    columns = searched_columns(connection)
    assert len(columns) > 200
    for place in ("case_.subject", "procrastinate_jobs.args", "case_state.content"):
        assert place in columns
    connection.execute(text("update case_number set prefix = :n").bindparams(n=ID_NO))
    connection.execute(
        text("insert into setting (key, value) values ('x', to_json(cast(:n as text)))"),
        {"n": MOBILE},
    )
    connection.execute(
        text("update data_key set wrapped = convert_to(:n, 'UTF8')").bindparams(n=f"[{ACCOUNT}]")
    )
    found = {leak.place for leak in database_leaks(connection)}
    assert found >= {"setting.value", "data_key.wrapped"}


@pytest.fixture
def stage(connection: Connection) -> Stage:
    stage = Stage(connection)
    stage.start("record_prereview", stage.li, RETIREE)
    return stage


def test_the_owner_sees_what_the_search_sees(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        assert "person.id_no_sealed" in searched_columns(connection)
