"""批量办理: the steps that may be done many at a time, and their open tasks."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from engine.access import Actor
from engine.errors import NotFound
from engine.forms import Form, in_bulk
from engine.models import Case, Draft, WorkItem
from engine.packs.pack import Pack
from engine.packs.release import LoadedRelease
from engine.queries.regions import active_releases
from engine.queries.worklist import Filters, worklist
from engine.runtime import Runtime

#: Tasks of one list; more are done in a second run.
MOST = 200


@dataclass(frozen=True)
class BulkStep:
    """A step with tasks that the actor may do together.

    ``rows``: the actor's own first, then nobody's, the most urgent in front. ``others``: how many
    more there are whose case began with another version of the form. ``drafted``: those of which
    the actor has saved something already; a common answer would pass it over.
    """

    region: str
    element: str
    title: str
    form: Form
    rows: Sequence[WorkItem]
    others: int
    drafted: Set[UUID]


def bulk_steps(runtime: Runtime, actor: Actor) -> list[BulkStep]:
    """Every step the actor has tasks of that may be done many at a time."""
    steps = (
        _step(runtime, actor, release, element, form)
        for release in active_releases(runtime)
        if release.config.code in actor.regions
        for element, form in _declared(release)
    )
    return [step for step in steps if step.rows]


def bulk_step(runtime: Runtime, actor: Actor, region: str, element: str) -> BulkStep:
    """One of these steps, also when nothing is left to do.

    Raises:
        NotFound: no such step, not to be done in bulk, or not in the actor's regions.
    """
    for release in active_releases(runtime):
        if release.config.code == region and region in actor.regions:
            for declared, form in _declared(release):
                if declared == element:
                    return _step(runtime, actor, release, element, form)
    raise NotFound


def _declared(release: LoadedRelease) -> Iterator[tuple[str, str]]:
    """Element and form of every user task whose form may be filled in for many."""
    seen = set()
    for process in release.pack.processes.values():
        for node in process.nodes.values():
            key = node.properties.get("formJsonSchemaFilename", "").removesuffix(".schema.json")
            if node.kind != "userTask" or not key or node.id in seen:
                continue
            if in_bulk(release.pack.form(key)):
                seen.add(node.id)
                yield node.id, key


def _step(
    runtime: Runtime, actor: Actor, release: LoadedRelease, element: str, form: str
) -> BulkStep:
    same = Filters(region=release.config.code, element=element)
    found = [
        *worklist(runtime, actor, "mine", same, size=MOST).rows,
        *worklist(runtime, actor, "pool", same, size=MOST).rows,
    ][:MOST]
    whole = release.pack.form(form)
    with runtime.reading() as session:
        ids = {row.case_id for row in found}
        cases = session.execute(select(Case.id, Case.release_id).where(Case.id.in_(ids)))
        began = {row.id: row.release_id for row in cases}
        own = select(Draft.work_item_id).where(Draft.account_id == actor.account_id)
        drafted = session.scalars(own.where(Draft.work_item_id.in_([row.id for row in found])))
        typed = frozenset(drafted)
        packs = {one: runtime.releases.get(session, one).pack for one in set(began.values())}
    alike = {one for one, pack in packs.items() if _form(pack, form) == whole}
    rows = [row for row in found if row.kind == "user" and began[row.case_id] in alike]
    title = next(
        process.nodes[element].name
        for process in release.pack.processes.values()
        if element in process.nodes
    )
    code = release.config.code
    return BulkStep(code, element, title, whole, rows, len(found) - len(rows), typed)


def _form(pack: Pack, key: str) -> Form | None:
    try:
        return pack.form(key)
    except NotFound:  # an older release did without it
        return None
