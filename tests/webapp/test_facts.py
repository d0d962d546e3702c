"""What a case knows, in tables for people."""

import handlers  # noqa: F401  registers the operations
from engine.operations import operations
from engine.packs.pack import read_pack
from tests.stage import ROOT
from webapp.facts import fact_tables


def test_rows_say_neither_codes_nor_what_was_left_out() -> None:
    row = {
        "code": "identity",
        "title": "居民身份证",
        "amount": "核验原件",
        "note": "",
        "state": "shared",
        "why": None,
        "shared": "公安身份信息",
    }
    sections = {"acceptance": {"materials": [row], "outcome": "accept"}}
    (table,) = fact_tables(read_pack(ROOT, "zongyang"), operations, sections)

    (materials,) = [field for field in table.fields if field.rows]
    assert [(cell.title, cell.text) for cell in materials.rows[0]] == [
        ("材料", "居民身份证"),
        ("形式", "核验原件"),
        ("情况", "免提交"),
    ]
