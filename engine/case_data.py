"""Case data: versioned, sealed sections that live outside the process engine's state.

Expressions read them as ``section.field``. A section is opened only when somebody looks at it,
and a write is a new version with its author and time; nothing is overwritten.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.models import CaseSection, FileSection
from engine.sealing import SealingKey

# the newest version of every section of the case, and of the person file it hangs on
NEWEST = text(
    """
    select * from (
      select distinct on (name) name, version, content_sealed, false as of_file
        from case_section where case_id = :case order by name, version desc) c
    union all
    select * from (
      select distinct on (name) name, version, content_sealed, true as of_file
        from file_section where file_id = :file order by name, version desc) f
    """
)


@dataclass
class _Section:
    version: int
    sealed: bytes | None
    content: Mapping[str, Any] | None
    of_file: bool


class CaseData(Mapping[str, Mapping[str, Any]]):
    """The sections of one case, and those of its person file. Opened lazily, written by version."""

    def __init__(self, case_id: UUID, file_id: UUID | None, key: SealingKey) -> None:
        self._case_id, self._file_id, self._key = case_id, file_id, key
        self._sections: dict[str, _Section] = {}
        self._worked_out: dict[str, Callable[[], Mapping[str, Any]]] = {}

    @classmethod
    def load(
        cls, session: Session, case_id: UUID, file_id: UUID | None, key: SealingKey
    ) -> "CaseData":
        """Read the newest version of every section in one statement; open none of them yet."""
        data = cls(case_id, file_id, key)
        rows = session.execute(NEWEST, {"case": case_id, "file": file_id})
        for name, version, sealed, of_file in rows:
            data._sections[name] = _Section(version, bytes(sealed), None, of_file)
        return data

    def know(self, name: str, work_out: Callable[[], Mapping[str, Any]]) -> None:
        """Add a section that is worked out whenever somebody looks at it, and never stored."""
        self._worked_out[name] = work_out

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name in self._worked_out:
            return self._worked_out[name]()
        section = self._sections[name]
        if section.content is None:
            assert section.sealed is not None
            section.content = self._key.open_json(section.sealed)
        return section.content

    def __iter__(self) -> Iterator[str]:
        return iter({**self._sections, **self._worked_out})

    def __len__(self) -> int:
        return len({**self._sections, **self._worked_out})

    def version(self, name: str) -> int:
        """The newest version number of a section."""
        return self._sections[name].version

    def write(
        self,
        name: str,
        content: Mapping[str, Any],
        *,
        author: str,
        at: datetime,
        of_file: bool = False,
    ) -> CaseSection | FileSection:
        """Make ``content`` the newest version of a section; return its row, not yet stored."""
        known = self._sections.get(name)
        version = known.version + 1 if known else 1
        sealed = self._key.seal_json(content)
        self._sections[name] = _Section(version, sealed, dict(content), of_file)
        common = {
            "name": name,
            "version": version,
            "content_sealed": sealed,
            "author": author,
            "written_at": at,
        }
        if of_file:
            return FileSection(file_id=self._file_id, **common)
        return CaseSection(case_id=self._case_id, **common)


def section_name(name: str | None, item: str | None) -> str | None:
    """The section a ``section`` property means; ``this.x`` is ``<item>.x`` inside an item."""
    return f"{item}.{name.removeprefix('this.')}" if name and name.startswith("this.") else name
