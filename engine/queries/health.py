"""Whether work flows: how long the oldest job and the oldest due timer have been waiting."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from engine.models import Incident, Timer
from engine.runtime import Runtime

#: The queue's own tables and its own time; a retry or a delayed job is not late before it is due.
_OLDEST_JOB = text(
    """
    select count(*), coalesce(extract(epoch from max(now() - waiting_since)), 0)
    from (
        select greatest(max(e.at), j.scheduled_at) as waiting_since
        from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id
        where j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= now())
        group by j.id
    ) waiting
    """
)


@dataclass(frozen=True)
class Health:
    """How the work flows; seconds are 0 when nothing waits.

    ``oldest_job_seconds`` is real time; ``oldest_timer_seconds`` is that of the runtime's clock.
    """

    waiting_jobs: int
    oldest_job_seconds: float
    due_timers: int
    oldest_timer_seconds: float
    open_incidents: int


def health(runtime: Runtime) -> Health:
    """Look at the queue, the timers and the incidents. Raises when the database is not there."""
    now = runtime.clock.now()
    with runtime.reading() as session:
        jobs, job_age = session.execute(_OLDEST_JOB).one()
        timers, oldest = session.execute(
            select(func.count(), func.min(Timer.due_at)).where(
                Timer.fired_at.is_(None), Timer.due_at <= now
            )
        ).one()
        incidents = session.scalar(
            select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None))
        )
    timer_age = (now - oldest).total_seconds() if oldest else 0.0
    return Health(jobs, float(job_age), timers, timer_age, incidents or 0)
