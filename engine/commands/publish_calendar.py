"""Publishing a year of the working-day calendar."""

from sqlalchemy.dialects.postgresql import insert

from engine.access import Actor
from engine.calendar import YearNotice
from engine.calendars import VERSION
from engine.errors import Forbidden, NotFound
from engine.ids import new_id
from engine.models import CalendarYear, Setting
from engine.queries.calendars import administered_calendars
from engine.recalculation import recalculate_later
from engine.runtime import Runtime


def publish_calendar(runtime: Runtime, calendar: str, notice: YearNotice, actor: Actor) -> None:
    """Keep a year's notice; from now on it counts, in every process within a second.

    All open deadlines it touches are worked out again by the worker. Publishing the same notice
    twice is harmless.

    Args:
        calendar: ``cn``, or the overlay of a region.
        notice: of the year.

    Raises:
        NotFound: there is no such calendar.
        Forbidden: the actor administers no region that goes by this calendar.
    """
    if calendar not in runtime.calendars:
        raise NotFound(f"没有这个工作日历：{calendar}")
    if calendar not in administered_calendars(runtime, actor):
        raise Forbidden
    now = runtime.clock.now()
    row = {
        "notice": notice.model_dump(mode="json", by_alias=True),
        "imported_by": actor.name[:80],
        "at": now,
    }
    with runtime.transaction() as session:
        session.execute(
            insert(CalendarYear)
            .values(calendar=calendar, year=notice.year, **row)
            .on_conflict_do_update(index_elements=["calendar", "year"], set_=row)
        )
        version = {"value": str(new_id())}
        session.execute(
            insert(Setting)
            .values(key=VERSION, **version)
            .on_conflict_do_update(index_elements=["key"], set_=version)
        )
        recalculate_later(session, notice.year, now)
