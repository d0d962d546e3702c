"""Handing in a file through the API."""

import io
from typing import Any

from tests.engine.test_way_of_a_case import put_on_record
from tests.media import PDF
from tests.stage import RETIREE, Stage
from tests.webapp.api.conftest import As


def hand_in(program: Any, content: bytes | None, **fields: str) -> Any:
    data: dict[str, Any] = {**fields}
    if content is not None:
        data["file"] = (io.BytesIO(content), "协议.pdf")
    return program.client.post("/api/v1/attachments", data=data, auth=program.auth)


def test_a_program_hands_in_a_file_for_a_task(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    task = str(stage.tasks()["choose_items"].id)
    answer = hand_in(signed_in("aming"), PDF, task_id=task)
    assert answer.status_code == 201
    assert (answer.json["name"], answer.json["media_type"]) == ("协议.pdf", "application/pdf")
    again = hand_in(signed_in("aming"), PDF, task_id=task)
    assert again.json["id"] == answer.json["id"]
    assert hand_in(signed_in("rival"), PDF, task_id=task).status_code == 404
    assert hand_in(signed_in(), PDF, task_id=task).status_code == 401


def test_what_is_no_file_is_refused_in_words(signed_in: As) -> None:
    ming = signed_in("aming")
    assert hand_in(ming, None).json["errors"] == {"file": "请选择要上传的文件"}
    assert hand_in(ming, b"<script>").status_code == 422
    assert hand_in(ming, PDF, task_id="x").json["errors"] == {"task_id": "待办编号格式不正确"}
    assert ming.post("attachments", b"{", content_type="application/json").status_code == 422
