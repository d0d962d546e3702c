"""Files on a form: chosen, kept over mistakes, removed, shown — without any script."""

import io
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.datastructures import FileStorage

from tests.conftest import Database
from tests.engine.test_attachments import AGREEMENT, SCANS
from tests.engine.test_way_of_a_case import put_on_record
from tests.media import PDF, png
from tests.packs import with_field
from tests.stage import JILIN, RETIREE, Stage
from tests.webapp.pages.conftest import As
from tests.webapp.pages.visitor import Visitor


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin, with an agreement at the start and scans in the choice of items."""
    pack = with_field(JILIN, "retiree", "agreement", AGREEMENT)
    return Stage(database.engine, with_field(pack, "choose_items", "scans", SCANS))


@pytest.fixture
def ming(stage: Stage, visit: As) -> Visitor:
    """阿明 in front of the first form."""
    put_on_record(stage)
    return visit("aming").open("/start/jilin/joint_case/").follow("开始申请")


def send(
    visitor: Visitor, button: str, files: dict[str, list[tuple[str, bytes]]], **answers: Any
) -> Visitor:
    """Choose files and press a button."""
    path, pairs = visitor.post_of(button, **answers)
    for name, chosen in files.items():
        for title, content in chosen:
            pairs.add(name, FileStorage(io.BytesIO(content), title))  # type: ignore[arg-type]
    return visitor.send((path, pairs))


def test_a_file_survives_a_mistake_elsewhere(ming: Visitor) -> None:
    send(ming, "下一步", {"agreement": [("协议.pdf", PDF)]}, name="张建国")
    assert ming.status == 422 and ming.says("请填写身份证号", "协议.pdf", "1 KB")
    ming.press("下一步", id_no=RETIREE["id_no"])
    assert ming.headline == "选择联办事项"


def test_a_file_that_is_none_is_said_at_its_field_and_nothing_is_lost(
    ming: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ming, "下一步", {"agreement": [("坏.pdf", b"<script>")]}, name="张建国")
    assert ming.status == 422 and ming.says("“坏.pdf”没有上传：文件类型不能识别")
    assert ming.page.xpath("//input[@name='name']/@value") == ["张建国"]
    monkeypatch.setattr("engine.media.MOST_BYTES", 100)
    send(ming, "下一步", {"agreement": [("大.pdf", PDF)]})
    assert ming.status == 422 and ming.says("“大.pdf”没有上传：文件超过")


def test_several_files_are_added_shown_and_removed(ming: Visitor, stage: Stage) -> None:
    ming.press("下一步", name="张建国", id_no=RETIREE["id_no"])
    send(ming, "暂存", {"scans": [("一.png", png()), ("二.pdf", PDF)]})
    assert ming.says("已载入您", "一.png", "二.pdf", "已上传 2 个")
    path, pairs = ming.post_of("暂存")
    removed = ming.page.xpath("//button[contains(@aria-label, '一.png')]/@value")[0]
    pairs["_action"] = removed
    ming.send((path, pairs))
    assert not ming.says("一.png") and ming.says("二.pdf")
    ming.press("提交", guide_read="true", fund="none", medical="true")
    assert ming.headline == "确认并提交申请"


def test_a_file_is_shown_as_what_it_is_and_can_do_nothing(ming: Visitor, visit: As) -> None:
    send(ming, "下一步", {"agreement": [("协议.pdf", PDF)]}, name="张建国", id_no=RETIREE["id_no"])
    no = ming.words.split("办件编号 ")[1][:15]
    li = visit("xiaoli").open(f"/cases/{no}?tab=attachments")
    assert li.says("协议.pdf", "阿明", "预览", "下载")
    address = li.page.xpath("//iframe/@src")[0]
    answer = li.client.get(address)
    assert (answer.content_type, answer.data) == ("application/pdf", PDF)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    saved = li.client.get(f"{address}/save")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert visit("rival").open(address).status == 404


def test_only_those_signed_in_may_send_much(ming: Visitor, app: APIFlask) -> None:
    path = "/start/jilin/joint_case/form"
    head = b'--x\r\nContent-Disposition: form-data; name="agreement"; filename="a"\r\n\r\n'
    much, kind = head + bytes(2 * 1024 * 1024) + b"\r\n--x--", "multipart/form-data; boundary=x"
    assert app.test_client().post(path, data=much, content_type=kind).status_code == 413
    assert ming.client.post(path, data=much, content_type=kind).status_code == 400  # no token
