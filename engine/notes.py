"""备注: who reads the notes on a case."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.colleagues import Colleague
from engine.models import Case

TAKE_BACK_MINUTES = 10

# as ``engine.access.may_see``: roles for the whole region, or for an office the case was in; and
# who works in an office works for those below it
READERS = text(
    """
    with recursive above as (
      select code, parent from office where region = :region and code = any(:offices)
      union
      select office.code, office.parent from office
        join above on office.region = :region and office.code = above.parent)
    select distinct a.id, a.name, a.office from account a join role_grant g on g.account_id = a.id
     where a.active and a.kind = 'staff' and g.region = :region
       and (g.office = '' or g.office = any(:offices) or g.office in (select code from above))
     order by a.name, a.office, a.id
    """
)


def readers(session: Session, case: Case) -> list[Colleague]:
    """Active staff who may see a case, by name."""
    rows = session.execute(READERS, {"region": case.region, "offices": list(case.offices)})
    return [Colleague(*row) for row in rows]
