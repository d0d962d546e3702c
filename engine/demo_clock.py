"""The demonstration clock: the machine's clock plus an offset that all processes share.

The offset is one row, so that web, worker and sandbox always agree. It only ever grows: a case
must not see time go back. Production never reads it (``Settings.demo`` is off).
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from engine.errors import Invalid
from engine.models import Setting

KEY = "clock_offset_seconds"
#: How stale the offset a process works with may be.
FRESH_SECONDS = 0.5


class DemoClock:
    """A clock an administrator can move forward."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._offset = timedelta()
        self._read_at = float("-inf")

    def now(self) -> datetime:
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            with self._sessions() as session:
                seconds = session.scalar(select(Setting.value).where(Setting.key == KEY))
            self._offset = timedelta(seconds=seconds or 0)
            self._read_at = time.monotonic()
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move the clock of all processes forward and return the new now.

        Raises:
            Invalid: time cannot go back.
        """
        if by < timedelta():
            raise Invalid("时间只能向前推进。")
        self._read_at = float("-inf")  # first: a lost answer does not say whether it moved
        with self._sessions.begin() as session:
            # locked, so that two administrators add up instead of overwriting one another
            row = session.get(Setting, KEY, with_for_update=True)
            total = (row.value if row else 0) + by.total_seconds()
            session.execute(
                insert(Setting)
                .values(key=KEY, value=total)
                .on_conflict_do_update(index_elements=["key"], set_={"value": total})
            )
        return self.now()
