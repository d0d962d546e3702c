"""Letting somebody try again who mistyped too often."""

from uuid import UUID

from engine.access import Actor
from engine.administered import other_account
from engine.operators import note
from engine.runtime import Runtime
from engine.tries import CODE, LOGIN, forget_tries


def unlock_account(runtime: Runtime, account_id: UUID, actor: Actor) -> None:
    """Forget the failures of an account, of passwords and of codes.

    Raises:
        NotFound: no account of the administrator's regions.
        Conflict: the administrator's own.
    """
    with runtime.transaction() as session:
        account = other_account(session, actor, account_id)
        tried = ((LOGIN, account.login), (CODE, str(account.id)))
        forget_tries(session, runtime.keyring, *tried)
        note(runtime, session, account, "unlocked", actor.name, f"解除{account.name}的锁定")
