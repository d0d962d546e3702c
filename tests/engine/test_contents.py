"""政策内容: what counts on a day, who may write it, and that notices say it."""

from datetime import date

import pytest

from engine.clock import at
from engine.commands.write_content import write_content
from engine.contents import contents_of
from engine.errors import Invalid, NotFound
from engine.queries.contents import kept_content, kept_contents
from tests.stage import JILIN, Stage

HEADINGS = ("政策解读", "办理渠道", "办理程序")


def words(stage: Stage, day: date) -> str:
    with stage.runtime.reading() as session:
        return contents_of(session, JILIN.config, day)["only_child"].parts["政策解读"]


def test_versions_count_from_their_days_and_the_later_one_of_a_day(stage: Stage) -> None:
    editor = stage.account("bai", "小白", "staff", roles=("health_editor",))

    def write(text: str, day: str) -> int:
        parts = dict.fromkeys(HEADINGS, text)
        return write_content(stage.runtime, "jilin", "only_child", parts, day, editor)

    first = words(stage, date(2027, 4, 20))
    assert [write("六月的", "2027-06-01"), write("五月的", "2027-05-01")] == [1, 2]
    assert write("五月改的", "2027-05-01") == 3
    assert words(stage, date(2027, 4, 30)) == first
    assert words(stage, date(2027, 5, 1)) == "五月改的"
    assert words(stage, date(2027, 6, 1)) == "六月的"
    stage.clock.set(at(date(2027, 5, 2), 9))
    kept = kept_content(stage.runtime, "jilin", "only_child", editor)
    assert (kept.now.version, [row.version for row, _ in kept.versions]) == (3, [3, 2, 1])
    with pytest.raises(Invalid) as refused:
        write("", "2027-05-01")
    assert refused.value.errors.keys() == {*HEADINGS, "effective_from"}


def test_only_the_role_the_region_names_writes_it(stage: Stage) -> None:
    parts = dict.fromkeys(HEADINGS, "x")
    for actor in (stage.li, stage.wang, stage.ming):
        assert kept_contents(stage.runtime, actor) == []
        with pytest.raises(NotFound):
            write_content(stage.runtime, "jilin", "only_child", parts, "2027-05-01", actor)
