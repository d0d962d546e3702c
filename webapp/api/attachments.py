"""``attachments``: handing in a file whose id an answer then refers to."""

from datetime import datetime
from uuid import UUID

from flask import request

from engine.commands.store_attachment import store_attachment
from engine.errors import Invalid
from engine.media import MOST_BYTES
from engine.queries.attachments import AttachmentLine, read_attachment
from webapp.api.part import Shape, part
from webapp.context import actor, runtime
from webapp.security import takes_files

attachments = part("attachments", "附件 attachments")


class Attachment(Shape):
    """A file that was taken in; ``id`` is the answer of a field of format ``file``."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime


@attachments.post("/attachments")
@attachments.output(Attachment, status_code=201)
@takes_files
def hand_in() -> AttachmentLine:
    """Take in a file for an open task, or for a case that is yet to be started.

    The same file for the same case gives the same id. 422 when it is none we take.
    """
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(errors={"file": "请选择要上传的文件"})
    stored = store_attachment(runtime(), sent.filename, sent.read(MOST_BYTES + 1), actor(), _task())
    return read_attachment(runtime(), stored, actor())[0]


def _task() -> UUID | None:
    text = request.form.get("task_id", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(errors={"task_id": "待办编号格式不正确"}) from None
