"""常用筛选: keeping a list of tasks under a name, renaming it, making it the first, dropping it."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from engine.access import Actor
from engine.errors import Conflict, Invalid, NotFound
from engine.identity import may_name_somebody
from engine.models import SavedView
from engine.runtime import Runtime

LONGEST_NAME, MOST_VIEWS = 20, 20

#: What a kept list asks for: never whom it is about.
KEPT = (
    *("view", "region", "element", "item", "stage", "priority"),
    *("due_from", "due_until", "unit"),
)


def keep_view(
    runtime: Runtime, name: str, asks: Mapping[str, str], actor: Actor, *, first: bool = False
) -> None:
    """Keep a list under a name; under a name the actor uses already, in its place.

    Args:
        name: 1 to 20 characters.
        asks: arguments of the list's address; those not in ``KEPT`` are left out.
        first: shown from now on when the list of tasks is opened without asking for one.

    Raises:
        Invalid: no name, or too long a one.
        Conflict: the actor keeps too many.
    """
    name = _name(name)
    given = {key: asks[key][:60] for key in KEPT if asks.get(key)}
    kept = {"view": "mine"} | {k: one for k, one in given.items() if not may_name_somebody(one)}
    with runtime.transaction() as session:
        view = session.scalar(_own(actor).where(SavedView.name == name))
        if view is None:
            count = session.scalar(
                select(func.count()).where(SavedView.account_id == actor.account_id)
            )
            if (count or 0) >= MOST_VIEWS:
                raise Conflict(f"常用筛选最多 {MOST_VIEWS} 个，请先删除不用的。")
            assert actor.account_id is not None  # staff have accounts
            view = SavedView(
                account_id=actor.account_id, name=name, made_at=runtime.clock.now(), asks=kept
            )
            session.add(view)
        view.asks = kept
        session.flush()
        if first:
            _put_first(session, view)


def rename_view(runtime: Runtime, view_id: UUID, name: str, actor: Actor) -> None:
    """Give a kept list another name.

    Raises:
        NotFound: not the actor's.
        Invalid: no name, too long a one, or that of another list.
    """
    name = _name(name)
    with runtime.transaction() as session:
        view = _find(session, view_id, actor)
        other = session.scalar(_own(actor).where(SavedView.name == name))
        if other is not None and other.id != view_id:
            raise Invalid(errors={"name": f"已有名为“{name}”的常用筛选。"})
        view.name = name


def put_view_first(runtime: Runtime, view_id: UUID, actor: Actor, *, yes: bool) -> None:
    """Show this list when the list of tasks is opened, or none in particular.

    Raises:
        NotFound: not the actor's.
    """
    with runtime.transaction() as session:
        view = _find(session, view_id, actor)
        if yes:
            _put_first(session, view)
        else:
            view.is_default = False


def drop_view(runtime: Runtime, view_id: UUID, actor: Actor) -> None:
    """Drop a kept list; the tasks in it are untouched.

    Raises:
        NotFound: not the actor's.
    """
    with runtime.transaction() as session:
        session.delete(_find(session, view_id, actor))


def _put_first(session: Session, view: SavedView) -> None:
    others = update(SavedView).where(SavedView.account_id == view.account_id)
    session.execute(others.values(is_default=False))
    session.execute(update(SavedView).where(SavedView.id == view.id).values(is_default=True))


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(errors={"name": f"请填写名称（{LONGEST_NAME} 字以内）。"})
    return name


def _own(actor: Actor) -> Select[SavedView]:
    return select(SavedView).where(SavedView.account_id == actor.account_id).with_for_update()


def _find(session: Session, view_id: UUID, actor: Actor) -> SavedView:
    view = session.scalar(_own(actor).where(SavedView.id == view_id))
    if view is None:
        raise NotFound
    return view
