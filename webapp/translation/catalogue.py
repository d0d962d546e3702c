"""The English for Chinese words, from the gettext files in ``en/``."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path

import polib

FOLDER = Path(__file__).parent / "en"
CHINESE = re.compile(r"[\u3400-\u9fff]")
_SPACE = re.compile(r"\s+")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
#: Punctuation round a text, which is not part of what is looked up, and its English.
_MARKS = {
    **{"，": ", ", "。": ". ", "；": "; ", "：": ": ", "、": ", ", "？": "? ", "！": "! "},
    **{"（": " (", "）": ") ", "“": ' "', "”": '" ', "　": " ", "—": "–"},
}
_EDGES = "，。；：、 　·—→←/|…()（）“”*＊+＋"
_CLOSING = {"）": "（", ")": "(", "”": "“"}
_OPENING = {opening: closing for closing, opening in _CLOSING.items()}
#: What joins sentences, clauses, a name and what is said of it, and the parts of a record.
_JOINTS = (
    (re.compile(r"([。？！]+)"), 0),
    (re.compile(r"(；+)"), 0),
    (re.compile(r"([，、]+)"), 0),
    (re.compile(r"(：)"), 1),
    (re.compile(r"([\s·　—→/|（）()]+)"), 0),
)
#: From this joint on, unknown parts may be names; parts of sentences must all be known.
_LOOSE = 3
_STOPS = frozenset("，。；：")
_LONGEST_PAIR, _LONGEST_SENTENCE = 60, 400
_FENCES = frozenset("：“”（）()·《》")
#: What a hole without punctuation round it may hold although nobody knows its English: a name
#: of a person, an office, or a file.
_NAME = re.compile(r"(?!.*的)[\w·.-]{2,30}")


def normal(text: str) -> str:
    """The text as it is looked up: white space as browsers show it."""
    return _SPACE.sub(" ", text).strip()


def numbered(text: str, hole: str) -> str:
    """The text with its holes numbered ``{0}``, ``{1}`` …"""
    first, *rest = text.split(hole)
    return first + "".join(f"{{{number}}}{part}" for number, part in enumerate(rest))


def trimmed(text: str) -> tuple[str, str, str]:
    """Split off the punctuation on both sides; brackets and quotes only when their partner is not
    inside.
    """
    start, end = 0, len(text)
    while start < end and _is_edge(text[start], text[start:end], _OPENING):
        start += 1
    while start < end and _is_edge(text[end - 1], text[start:end], _CLOSING):
        end -= 1
    inner = text[start + 1 : end - 1]
    if (
        inner
        and _OPENING.get(text[start]) == text[end - 1]
        and not {*_OPENING, *_CLOSING} & {*inner}
    ):
        start, end = start + 1, end - 1
    return text[:start], text[start:end], text[end:]


def _is_edge(mark: str, text: str, partners: Mapping[str, str]) -> bool:
    if mark not in _EDGES:
        return False
    return mark not in partners or text.count(mark) > text.count(partners[mark])


class Catalogue:
    """Chinese words and their English; sentences with ``{0}`` match whatever stands there."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._exact = {word: english for word, english in words.items() if "{0}" not in word}
        self._patterns: dict[str, list[_Pattern]] = {}
        holed = (_Pattern(word, english) for word, english in words.items() if "{0}" in word)
        for pattern in holed:
            self._patterns.setdefault(pattern.key, []).append(pattern)

    def english(self, text: str) -> str | None:
        """The English for a text as it stands on a page; ``None`` when it has none.

        Args:
            text: anything; names and numbers in it stay as they are.
        """
        return self._found(normal(text), 0)

    def _found(self, text: str, joint: int) -> str | None:
        """Look up the whole without the punctuation round it, then part by part."""
        before, core, after = trimmed(text)
        if (found := self._exact.get(text)) is not None:
            return found
        if (found := self._whole(core)) is not None:
            return _marks(before) + found + _marks(after)
        for level in range(joint, len(_JOINTS)):
            expression, most = _JOINTS[level]
            parts = expression.split(text, most)
            if len(parts) > 1:
                return self._joined(parts, level)
        return None

    def _whole(self, text: str) -> str | None:
        if not CHINESE.search(text):
            return None
        return self._exact.get(text) or self._matched(text) or self._pair(text)

    def _pair(self, text: str) -> str | None:
        """Two known words side by side, as Chinese writes them: a region and its matter."""
        for cut in range(2, min(len(text), _LONGEST_PAIR) - 1):
            first, second = self._exact.get(text[:cut]), self._exact.get(text[cut:])
            if first and second:
                return f"{first} {second}"
        return None

    def _matched(self, text: str) -> str | None:
        if len(text) > _LONGEST_SENTENCE:
            return None
        keys = (text[0], f"-{text[-1]}", "")
        fitting = [
            pattern
            for key in keys
            for pattern in self._patterns.get(key, ())
            if pattern.anchor in text
        ]
        for pattern in sorted(fitting, key=_rank):
            match = pattern.expression.fullmatch(text)
            if match and (found := self._filled(pattern, match.groups())) is not None:
                return found
        return None

    def _filled(self, pattern: "_Pattern", said: Sequence[str]) -> str | None:
        """The pattern's English with what stood in its holes."""
        values = []
        for value, fenced in zip(said, pattern.fenced, strict=True):
            found: str | None = value
            if not fenced and _STOPS & {*value}:
                return None  # more than what was meant to stand there
            if CHINESE.search(value):
                found = self._found(value, 0 if fenced else len(_JOINTS))
            if found is None and not fenced and not (pattern.weight > 1 and _NAME.fullmatch(value)):
                return None
            values.append(value if found is None else found.strip())
        return _PLACEHOLDER.sub(lambda hole: values[int(hole[1])], pattern.english)

    def _joined(self, parts: Sequence[str], level: int) -> str | None:
        """Each part by itself. Names may be parts of records, but no unknown words of sentences:
        what people typed must not become half English.
        """
        said, known = [], False
        for part, mark in zip_longest(parts[::2], parts[1::2], fillvalue=""):
            again = level if _JOINTS[level][1] else level + 1
            found = self._found(part, again) if CHINESE.search(part) else part
            if found is None and (level < _LOOSE or not _NAME.fullmatch(part.strip())):
                return None
            known = known or bool(found and found != part and len(part) > 1)
            said.append((part if found is None else found.strip()) + _marks(mark))
        return normal("".join(said)) if known else None


class _Pattern:
    """A sentence with holes.

    ``weight``: how many Chinese characters it is told by. ``anchor``: its longest run of them.
    ``fenced``: for each hole, whether punctuation shows where it begins and ends.
    """

    def __init__(self, word: str, english: str) -> None:
        self.english = english
        pieces = _PLACEHOLDER.split(word)
        literals = pieces[::2]
        self.weight = len(CHINESE.findall("".join(literals)))
        self.anchor = max(literals, key=len)
        self.expression = re.compile(
            "".join(
                "(.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
            ),
            re.DOTALL,
        )
        self.fenced = [_is_fenced(before, after) for before, after in pairwise(literals)]
        self.key = word[0] if pieces[0] else f"-{word[-1]}" if pieces[-1] else ""


def _is_fenced(before: str, after: str) -> bool:
    sides = [mark for mark in (before[-1:], after[:1]) if mark]
    return bool(sides) and all(mark in _FENCES for mark in sides)


def _rank(pattern: _Pattern) -> int:
    return -pattern.weight


def _marks(text: str) -> str:
    return "".join(_MARKS.get(mark, mark) for mark in text)


@cache
def catalogue() -> Catalogue:
    """All words of this installation; read when the first page is asked for in English."""
    return Catalogue({word: said for word, said in decided().items() if said != word})


def decided() -> dict[str, str]:
    """Chinese → English of all files, the first file's; what is to stay Chinese equals itself."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.po"), key=lambda path: (path.stem != "pages", path.stem)):
        for entry in polib.pofile(str(path)):
            if entry.msgstr:
                found.setdefault(entry.msgid, entry.msgstr)
    return found
