"""Which kinds of file people may hand in, told by what is inside, never by the name."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from engine.errors import Invalid

#: One file is no bigger than this: a scanned page has one or two MB.
MOST_BYTES = 10 * 1024 * 1024
#: What is packed inside an office file, unpacked, and in how many parts.
MOST_UNPACKED, MOST_PARTS = 200 * 1024 * 1024, 5000
LONGEST_NAME = 120


class Medium(NamedTuple):
    """A kind of file: its media type, the endings of its names, and what people call it."""

    type: str
    endings: tuple[str, ...]
    title: str


PDF = Medium("application/pdf", (".pdf",), "PDF")
JPEG = Medium("image/jpeg", (".jpg", ".jpeg"), "JPG 图片")
PNG = Medium("image/png", (".png",), "PNG 图片")
OFD = Medium("application/ofd", (".ofd",), "OFD 版式文件")
DOCX = Medium(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    (".docx",),
    "Word 文件（docx）",
)
XLSX = Medium(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    (".xlsx",),
    "Excel 文件（xlsx）",
)
TEXT = Medium("text/plain", (".txt",), "文本文件")

ACCEPTED = (PDF, JPEG, PNG, OFD, DOCX, XLSX)
#: What a browser may show; everything else is only saved.
SHOWN = frozenset({PDF.type, JPEG.type, PNG.type})
BY_TYPE: Mapping[str, Medium] = {medium.type: medium for medium in (*ACCEPTED, TEXT)}

_BEGINNINGS = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_PACKED = {"OFD.xml": OFD, "word/document.xml": DOCX, "xl/workbook.xml": XLSX}


def recognise(content: bytes) -> Medium:
    """Tell what kind of file this is.

    Raises:
        Invalid: empty, too big, none of the accepted kinds, or an office file that holds macros
            or unpacks beyond all measure. Choose another file.
    """
    if not content:
        raise Invalid("文件是空的，请重新选择")
    if len(content) > MOST_BYTES:
        raise Invalid(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请压缩后再上传")
    for beginning, medium in _BEGINNINGS:
        if content.startswith(beginning):
            return medium
    if content.startswith(b"PK\x03\x04"):
        names = unpack(content).namelist()
        for name, medium in _PACKED.items():
            if name in names:
                return medium
    kinds = "、".join(medium.title for medium in ACCEPTED)
    raise Invalid(f"文件类型不能识别，请上传 {kinds}")


def unpack(content: bytes) -> zipfile.ZipFile:
    """Open an office file without believing it.

    Raises:
        Invalid: damaged, encrypted, with macros, or too big once unpacked.
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
        parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Invalid("文件已损坏，无法打开") from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid("文件内容过大，无法处理")
    if any(part.flag_bits & 1 for part in parts):
        raise Invalid("文件设有密码，请取消密码后再上传")
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise Invalid("文件含有宏，请另存为不含宏的文件后再上传")
    return packed


def file_name(name: str, medium: Medium) -> str:
    """A name that is safe to show and to save under, with an ending that says what is inside."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(c for c in plain if unicodedata.category(c)[0] != "C")
    plain = re.sub(r'[<>:"|?*]', "_", plain).strip(" .") or "附件"
    ending = PurePosixPath(plain).suffix.lower()
    if ending in medium.endings:
        return plain[: -len(ending)][: LONGEST_NAME - len(ending)] + ending
    return plain[: LONGEST_NAME - len(medium.endings[0])] + medium.endings[0]


def in_words(size: int) -> str:
    """A size as people read it: ``820 KB``, ``1.4 MB``."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"
