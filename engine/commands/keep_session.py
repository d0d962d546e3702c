"""Writing down that a session is in use, at most once a minute."""

from sqlalchemy import func, update

from engine.models import SignInSession
from engine.runtime import Runtime
from engine.sign_in_sessions import SEEN_EVERY


def keep_session(runtime: Runtime, session_id: bytes) -> None:
    """Note that somebody was here just now; of requests at the same moment one writes."""
    with runtime.transaction() as session:
        session.execute(
            update(SignInSession)
            .where(
                SignInSession.id == session_id,
                SignInSession.seen_at < func.now() - SEEN_EVERY,
            )
            .values(seen_at=func.now())
        )
