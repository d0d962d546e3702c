"""``yijianshi english``: what has no English yet."""

import pytest

from tests.webapp.cli.command import yijianshi
from webapp.cli import english


def test_nothing_is_missing_from_what_we_ship() -> None:
    result = yijianshi("english")
    assert (result.exit_code, result.output) == (0, "全部文字都有英文。\n")


def test_a_missing_word_is_shown_with_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "untranslated", lambda: {"新词": ["forms/jilin/new.ui.json"]})
    result = yijianshi("english")
    assert result.exit_code == 1
    assert result.output == "新词\tforms/jilin/new.ui.json\n共 1 条未译。\n"
