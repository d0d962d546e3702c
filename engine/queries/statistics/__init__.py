"""统计: what there is now, and what happened in a stretch of time.

- ``statistics``     counts of this moment by region, for programs (``now``)
- ``report``         the page 统计: figures and tables of one region and period
- ``listing``        the cases or items behind one figure of it
- ``tracking``       the board 跟踪: every person's items and how long they have been where they are
"""

from engine.queries.statistics.now import (
    CallCount,
    CaseCount,
    IncidentCount,
    Statistics,
    TaskCount,
    statistics,
)

__all__ = [
    "CallCount",
    "CaseCount",
    "IncidentCount",
    "Statistics",
    "TaskCount",
    "statistics",
]
