"""本人信息: reading everything that is kept about oneself, and leaving a line that one did."""

from typing import Literal

from engine.access import Actor
from engine.errors import Forbidden
from engine.models import Account
from engine.operators import note
from engine.queries.own_data import OwnData, own_data
from engine.runtime import Runtime

#: What somebody did with the information about themselves, as the log says it.
PURPOSES = {"read": "查看了本人的全部个人信息", "save": "下载了本人的全部个人信息"}
Purpose = Literal["read", "save"]


def take_own_data(runtime: Runtime, actor: Actor, purpose: Purpose) -> OwnData:
    """Return everything that is kept about the actor, unmasked, after logging that they asked.

    Args:
        actor: a retiree; nobody gets what is kept about somebody else.

    Raises:
        Forbidden: no retiree, or not on record. Do not retry.

    Source: 个人信息保护法第四十五条 (查阅、复制).
    """
    if actor.kind != "person" or not actor.files:
        raise Forbidden("只有退休人员本人可以查看、下载自己的个人信息。")
    with runtime.transaction() as session:
        account = session.get_one(Account, actor.account_id)
        # no name: this log is append-only and outlives an erasure
        note(runtime, session, account, "own_data", "本人", PURPOSES[purpose])
    return own_data(runtime, actor)
