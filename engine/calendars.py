"""The working-day calendars of an installation: files that came with it, and imported years.

An imported year wins over the file of the same year. All processes see an import within a second:
each looks at one small row at most once a second, and reads the years again when it has changed.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from engine.calendar import WorkCalendar, YearNotice, read_notice, read_years
from engine.models import CalendarYear, Setting

NATIONAL = "cn"
#: The setting whose value changes with every import.
VERSION = "calendar_version"
#: How stale the calendars a process works with may be, in seconds.
FRESH_SECONDS = 1.0


class Calendars(Mapping[str, WorkCalendar]):
    """Calendar code → its working days. ``cn`` is the national one, the others lie over it.

    Args:
        folder: ``processes/calendar``, with a folder for each overlay.
        sessions: to read imported years with.
    """

    def __init__(self, folder: Path, sessions: sessionmaker[Session]) -> None:
        self._folder, self._sessions = folder, sessions
        self._files: dict[str, list[YearNotice]] = {}
        self._kept: dict[str, WorkCalendar] = {}
        self._version: Any = None
        self._read_at = float("-inf")

    def __getitem__(self, code: str) -> WorkCalendar:
        self._refresh()
        return self._kept[code]

    def __iter__(self) -> Iterator[str]:
        self._refresh()
        return iter(self._kept)

    def __len__(self) -> int:
        self._refresh()
        return len(self._kept)

    def _refresh(self) -> None:
        if time.monotonic() - self._read_at <= FRESH_SECONDS:
            return
        with self._sessions() as session:
            version = session.scalar(select(Setting.value).where(Setting.key == VERSION))
            if not self._kept or version != self._version:
                self._kept = self._read(session)
                self._version = version
        self._read_at = time.monotonic()

    def _read(self, session: Session) -> dict[str, WorkCalendar]:
        imported: dict[str, list[YearNotice]] = {NATIONAL: []}
        for row in session.scalars(select(CalendarYear)):
            imported.setdefault(row.calendar, []).append(read_notice(row.notice))
        overlays = {path.name for path in self._folder.iterdir() if path.is_dir()} | set(imported)
        national = self._years(NATIONAL, imported)
        return {
            code: WorkCalendar(national, [] if code == NATIONAL else self._years(code, imported))
            for code in sorted(overlays)
        }

    def _years(self, code: str, imported: Mapping[str, list[YearNotice]]) -> list[YearNotice]:
        if code not in self._files:
            self._files[code] = read_years(
                self._folder if code == NATIONAL else self._folder / code
            )
        years = {notice.year: notice for notice in self._files[code]}
        return list((years | {notice.year: notice for notice in imported.get(code, [])}).values())
