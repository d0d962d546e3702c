"""同事: the members of staff who may do a task."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.models import WorkItem
from engine.other_hands import earlier_hands
from engine.packs.pack import Pack


class Colleague(NamedTuple):
    """A member of staff; ``office`` is what their account says of where they sit."""

    id: UUID
    name: str
    office: str

    @property
    def title(self) -> str:
        """The name as pages write it, told apart from a namesake's by the office."""
        return f"{self.name}（{self.office}）" if self.office else self.name


# who works in an office works for those below it, too: so for a task, in its office or above
ABLE = text(
    """
    with recursive above as (
      select code, parent from office where region = :region and code = :office
      union
      select office.code, office.parent from office
        join above on office.region = :region and office.code = above.parent)
    select distinct a.id, a.name, a.office from account a join role_grant g on g.account_id = a.id
     where a.active and a.kind = 'staff' and g.region = :region and g.role = any(:roles)
       and (g.office in ('', :office) or g.office in (select code from above))
     order by a.name, a.office, a.id
    """
)


def colleagues(
    session: Session, region: str, roles: Collection[str], office: str | None
) -> list[Colleague]:
    """Active staff who hold one of these roles for an office's work, by name.

    Args:
        office: whose work it is; ``None``: the region's, which takes the role for the whole region.
    """
    found = session.execute(
        ABLE, {"region": region, "roles": sorted(roles), "office": office or ""}
    )
    return [Colleague(*row) for row in found]


def able(session: Session, pack: Pack, task: WorkItem) -> list[Colleague]:
    """Who may do a task: of its role, region and office, and not barred by what they did before."""
    barred = earlier_hands(session, pack, task)
    found = colleagues(session, task.region, [task.role], task.office)
    return [one for one in found if one.id not in barred]
