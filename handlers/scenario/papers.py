"""Files people hand in during a story: ``{attach: 名称.pdf}`` among the answers.

A small valid PDF is made on the spot and stored as if it had been uploaded; the answer is its id.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

WORD = "attach"
_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
)

#: Stores a file (name, content) and returns its id.
Store = Callable[[str, bytes], UUID]


def hand_in(answers: Any, store: Store) -> Any:
    """Return the answers with every ``{attach: name}`` replaced by the id of a stored file."""
    if isinstance(answers, dict) and answers.keys() == {WORD}:
        name = str(answers[WORD])
        return str(store(name, paper(name)))
    if isinstance(answers, dict):
        return {key: hand_in(value, store) for key, value in answers.items()}
    if isinstance(answers, list):
        return [hand_in(value, store) for value in answers]
    return answers


def paper(name: str) -> bytes:
    """An empty page as PDF; its comment makes files of different names different files."""
    return _PAGE + b"% " + name.encode() + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
