"""What time it is. Everything that depends on time asks a ``Clock``, never the machine.

Instants are aware UTC; office dates and hours are those of China (Asia/Shanghai, no summer time).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Source of the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        ...


class SystemClock:
    """The machine's clock: production."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until told otherwise: tests and scenarios."""

    def __init__(self, instant: datetime) -> None:
        self.set(instant)

    def now(self) -> datetime:
        return self._instant

    def set(self, instant: datetime) -> None:
        """Set the present instant (aware; stored as UTC)."""
        if instant.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._instant = instant.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the present instant forward."""
        self._instant += by


def office_date(instant: datetime) -> date:
    """The date on the wall of an office at this instant."""
    return instant.astimezone(CHINA).date()


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant at which an office's clock shows this date and time; aware UTC."""
    return datetime.combine(day, time(hour, minute), CHINA).astimezone(UTC)
