"""What files are is told by what is inside."""

import pytest

from engine import media
from engine.errors import Invalid
from engine.media import file_name, in_words, recognise
from tests.media import DOCX, JPEG, OFD, PDF, XLSX, packed, png


@pytest.mark.parametrize(
    ("content", "medium"),
    [
        (PDF, media.PDF),
        (JPEG, media.JPEG),
        (png(), media.PNG),
        (OFD, media.OFD),
        (DOCX, media.DOCX),
        (XLSX, media.XLSX),
    ],
)
def test_every_accepted_kind_is_recognised(content: bytes, medium: media.Medium) -> None:
    assert recognise(content) == medium


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空的"),
        (b"<html><script>alert(1)</script></html>", "不能识别"),
        (b"MZ\x90\x00", "不能识别"),
        (b"GIF89a", "不能识别"),
        (b"PK\x03\x04broken", "已损坏"),
        (packed({"readme.txt": b"hello"}), "不能识别"),
        (packed({"word/document.xml": b"", "word/vbaProject.bin": b""}), "宏"),
        (packed({f"{n}": b"" for n in range(media.MOST_PARTS + 1)}), "过大"),
        (b"%PDF-" + bytes(media.MOST_BYTES), "超过 10 MB"),
    ],
)
def test_anything_else_is_refused_with_a_reason(content: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        recognise(content)


def test_a_file_that_unpacks_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_UNPACKED", 1000)
    with pytest.raises(Invalid, match="过大"):
        recognise(packed({"word/document.xml": bytes(1001)}))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("延迟退休协议.pdf", "延迟退休协议.pdf"),
        ("C:\\我的文件\\协议.PDF", "协议.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("photo.jpg", "photo.jpg.pdf"),
        ("a\x00b\u202ecod.exe", "abcod.exe.pdf"),
        ("…" * 300, "…" * (media.LONGEST_NAME - 4) + ".pdf"),
        ("", "附件.pdf"),
    ],
)
def test_a_name_says_what_is_inside_and_leads_nowhere(given: str, kept: str) -> None:
    assert file_name(given, media.PDF) == kept


def test_sizes_are_said_as_people_read_them() -> None:
    assert [in_words(1), in_words(820 * 1024), in_words(1_500_000)] == ["1 KB", "820 KB", "1.4 MB"]
