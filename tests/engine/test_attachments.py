"""Files people hand in: sealed, found again, and only by those whose case it is."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import undefer

from engine.commands.store_attachment import MOST_UNKEPT, store_attachment
from engine.errors import Conflict, Invalid, NotFound
from engine.models import Attachment, DataKey
from engine.queries.attachments import attachment_lines, read_attachment
from engine.queries.case_page import case_page
from engine.queries.task_page import task_page
from tests.conftest import Database
from tests.engine.test_way_of_a_case import put_on_record
from tests.media import PDF, png
from tests.packs import with_field
from tests.stage import JILIN, RETIREE, Stage

AGREEMENT = {"type": "string", "title": "协议", "format": "file"}
SCANS = {
    "type": "array",
    "title": "扫描件",
    "maxItems": 2,
    "items": {"type": "string", "title": "扫描件", "format": "file"},
}
PERSON = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin, with an agreement at the start and scans in the choice of items."""
    pack = with_field(JILIN, "retiree", "agreement", AGREEMENT)
    return Stage(database.engine, with_field(pack, "choose_items", "scans", SCANS))


def begin(stage: Stage, **more: str) -> str:
    put_on_record(stage)
    return stage.start("joint_case", stage.ming, {**PERSON, **more}).no


def test_a_file_of_a_task_is_sealed_and_read_again(stage: Stage) -> None:
    no = begin(stage)
    task = stage.tasks()["choose_items"]
    file_id = store_attachment(stage.runtime, "扫描件.png", png(), stage.ming, task.id)
    with stage.runtime.reading() as session:
        row = session.get_one(Attachment, file_id, options=[undefer(Attachment.content_sealed)])
        assert png()[:40] not in bytes(row.content_sealed)
    line, content = read_attachment(stage.runtime, file_id, stage.ming)
    assert (line.name, line.media_type, content) == ("扫描件.png", "image/png", png())
    assert case_page(stage.runtime, no, stage.ming).attachments == {}  # nothing refers to it yet


def test_answers_keep_the_files_they_refer_to(stage: Stage) -> None:
    no = begin(stage)
    task = stage.tasks()["choose_items"]
    ids = [
        str(store_attachment(stage.runtime, name, content, stage.ming, task.id))
        for name, content in (("一.png", png()), ("二.pdf", PDF))
    ]
    answers = {"guide_read": True, "fund": "none", "medical": True, "scans": ids}
    stage.submit("choose_items", stage.ming, answers)
    page = case_page(stage.runtime, no, stage.ming)
    assert list(page.attachments) == ids
    assert page.sections["items"]["scans"] == ids


def test_the_same_file_again_is_the_same_attachment(stage: Stage) -> None:
    begin(stage)
    task = stage.tasks()["choose_items"]
    first = store_attachment(stage.runtime, "一.pdf", PDF, stage.ming, task.id)
    assert store_attachment(stage.runtime, "又.pdf", PDF, stage.ming, task.id) == first


@pytest.mark.parametrize(
    "stranger", ["ee51880d-f027-4ba3-ad4d-7287177a3b2f", "not-an-id", "../../etc/passwd"]
)
def test_an_id_that_is_none_of_the_case_is_refused_at_its_field(
    stage: Stage, stranger: str
) -> None:
    begin(stage)
    with pytest.raises(Invalid) as refused:
        stage.submit("choose_items", stage.ming, {"guide_read": True, "scans": [stranger]})
    assert "扫描件" in refused.value.errors["scans"]


def test_a_file_of_another_case_is_refused(stage: Stage) -> None:
    begin(stage)
    loose = store_attachment(stage.runtime, "协议.pdf", PDF, stage.rival)
    with pytest.raises(Invalid) as refused:
        stage.submit("choose_items", stage.ming, {"guide_read": True, "scans": [str(loose)]})
    assert refused.value.errors["scans"] == "扫描件不存在或不属于本办件，请重新上传"


def test_too_many_files_are_counted_in_words(stage: Stage) -> None:
    begin(stage)
    task = stage.tasks()["choose_items"]
    ids = [
        str(store_attachment(stage.runtime, f"{n}.png", png(n + 1), stage.ming, task.id))
        for n in range(3)
    ]
    with pytest.raises(Invalid) as refused:
        stage.submit("choose_items", stage.ming, {"guide_read": True, "scans": ids})
    assert refused.value.errors["scans"] == "扫描件最多上传 2 个文件"


def test_a_file_of_a_start_form_comes_under_the_cases_key(stage: Stage) -> None:
    loose = store_attachment(stage.runtime, "协议.pdf", PDF, stage.ming)
    assert read_attachment(stage.runtime, loose, stage.ming)[1] == PDF
    with pytest.raises(NotFound):
        read_attachment(stage.runtime, loose, stage.rival)
    with stage.runtime.reading() as session:
        own_key = session.get_one(Attachment, loose).data_key_id
    no = begin(stage, agreement=str(loose))
    page = case_page(stage.runtime, no, stage.ming)
    assert list(page.attachments) == [str(loose)]
    with stage.runtime.reading() as session:
        row = session.get_one(Attachment, loose)
        assert (row.case_id, row.file_id) == (page.case.id, page.case.file_id)
        assert row.data_key_id == page.case.data_key_id and row.kept_at is not None
        assert session.get(DataKey, own_key) is None
    assert read_attachment(stage.runtime, loose, stage.li)[1] == PDF


def test_a_file_handed_in_by_another_account_cannot_start_a_case(stage: Stage) -> None:
    loose = store_attachment(stage.runtime, "协议.pdf", PDF, stage.rival)
    with pytest.raises(Invalid) as refused:
        begin(stage, agreement=str(loose))
    assert set(refused.value.errors) == {"agreement"}


def test_nobody_else_hands_in_or_reads_files_of_a_case(stage: Stage) -> None:
    begin(stage)
    task = stage.tasks()["choose_items"]
    for stranger in (stage.rival, stage.wang):
        with pytest.raises(NotFound):
            store_attachment(stage.runtime, "一.pdf", PDF, stranger, task.id)
    file_id = store_attachment(stage.runtime, "一.pdf", PDF, stage.ming, task.id)
    for stranger in (stage.rival, stage.wang):
        with pytest.raises(NotFound):
            read_attachment(stage.runtime, file_id, stranger)
        assert attachment_lines(stage.runtime, [str(file_id)], stranger) == {}


def test_a_task_that_is_done_takes_no_more_files(stage: Stage) -> None:
    begin(stage)
    task = stage.tasks()["choose_items"]
    stage.submit("choose_items", stage.ming, {"guide_read": True, "fund": "none", "medical": True})
    with pytest.raises(Conflict):
        store_attachment(stage.runtime, "一.pdf", PDF, stage.ming, task.id)


def test_an_erased_person_takes_the_files_along(stage: Stage) -> None:
    no = begin(stage)
    task = stage.tasks()["choose_items"]
    file_id = store_attachment(stage.runtime, "一.pdf", PDF, stage.ming, task.id)
    case = task_page(stage.runtime, task.id, stage.ming).case
    with stage.runtime.transaction() as session:
        session.execute(update(DataKey).where(DataKey.id == case.data_key_id).values(wrapped=None))
    with pytest.raises(Exception, match="已按规定销毁"):
        read_attachment(stage.runtime, file_id, stage.ming)
    assert no


def test_an_account_cannot_fill_the_disk(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.commands.store_attachment.MOST_UNKEPT", 2)
    for n in range(2):
        store_attachment(stage.runtime, f"{n}.png", png(n + 1), stage.ming)
    with pytest.raises(Invalid, match="过多"):
        store_attachment(stage.runtime, "三.png", png(9), stage.ming)
    assert MOST_UNKEPT > 100
