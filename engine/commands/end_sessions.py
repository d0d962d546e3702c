"""Signing out: here, another browser of one's own, or everything of an account."""

from uuid import UUID

from sqlalchemy import func, update

from engine.access import Actor
from engine.administered import administered_account
from engine.errors import Forbidden, NotFound
from engine.models import Account, SignInSession
from engine.operators import note
from engine.runtime import Runtime
from engine.sign_in_sessions import end_sessions_of, id_of


def sign_out(runtime: Runtime, token: str) -> None:
    """End the session of a token; a copy of its cookie is worth nothing from now on."""
    with runtime.transaction() as session:
        session.execute(
            update(SignInSession)
            .where(SignInSession.id == id_of(token), SignInSession.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )


def end_own_session(runtime: Runtime, session_id: bytes, actor: Actor) -> None:
    """End one of the actor's sessions, e.g. on a computer left behind.

    Raises:
        NotFound: not one of theirs, or ended already.
    """
    with runtime.transaction() as session:
        device = session.scalar(
            update(SignInSession)
            .where(
                SignInSession.id == session_id,
                SignInSession.account_id == actor.account_id,
                SignInSession.revoked_at.is_(None),
            )
            .values(revoked_at=func.now())
            .returning(SignInSession.device)
        )
        if device is None:
            raise NotFound("该设备已经退出。")
        account = session.get_one(Account, actor.account_id)
        note(runtime, session, account, "sessions", actor.name, f"退出设备“{device}”")


def end_other_sessions(runtime: Runtime, session_id: bytes, actor: Actor) -> int:
    """End all of the actor's sessions but this one; return how many there were."""
    if actor.account_id is None:
        raise Forbidden
    with runtime.transaction() as session:
        ended = end_sessions_of(session, actor.account_id, but=session_id)
        if ended:
            account = session.get_one(Account, actor.account_id)
            note(runtime, session, account, "sessions", actor.name, f"退出其他 {ended} 台设备")
        return ended


def end_sessions_of_account(runtime: Runtime, account_id: UUID, actor: Actor) -> int:
    """As administrator, sign somebody out everywhere; return how many sessions there were.

    Raises:
        NotFound: no account of the administrator's regions.
    """
    with runtime.transaction() as session:
        account = administered_account(session, actor, account_id)
        ended = end_sessions_of(session, account_id)
        title = f"退出{account.name}的全部 {ended} 台设备"
        note(runtime, session, account, "sessions", actor.name, title)
        return ended
