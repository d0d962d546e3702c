"""How often something may be tried: passwords, codes, public requests. Counted in PostgreSQL.

All processes on all machines count together. A window begins with the first try; once a limit is
reached, nothing more is taken until its whole length has passed again. Of tries under way at the
same moment each may still come through, so a limit can be passed by the number of threads that
serve, never by more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import case, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.models import Tries
from engine.sealing import Keyring


@dataclass(frozen=True)
class Limit:
    """``most`` tries within ``seconds``."""

    kind: str
    most: int
    seconds: int


#: GB/T 22239-2019 asks for a limit on failed sign-ins; a quarter of an hour makes guessing
#: hopeless (800 passwords a day), and a clerk who forgot gets in before long, or is unlocked.
LOGIN = Limit("login", 8, 900)
#: An office shares one address: it may fail more often than one person.
ADDRESS = Limit("address", 80, 900)
#: Second factors, by account: six digits, of which three are right at any moment.
CODE = Limit("code", 5, 900)
#: Public requests and questions about them, by address.
APPLY = Limit("apply", 10, 3600)
ASK = Limit("ask", 10, 3600)
#: The same by the number that is asked about and by that of the person: whoever has one of the two
#: must not find the other from many addresses.
ASK_CASE = Limit("ask case", 20, 86_400)
ASK_PERSON = Limit("ask person", 20, 86_400)

#: What is tried, and the login, address or account that is counted.
Tried = tuple[Limit, str]


def of_address(limit: Limit, address: str) -> tuple[Tried, ...]:
    """What is counted of whoever asks from an address, e.g. ``10.12.3.4``.

    One of this machine is that of a proxy which does not tell: nothing is counted against it, or
    all would be shut out by one.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return ()
    if known.is_loopback:
        return ()
    # whoever has one address of the sixth version has all of its network
    network = ip_network((known, 64 if known.version == 6 else 32), strict=False)
    return ((limit, str(network.network_address)),)


def seconds_shut(session: Session, keyring: Keyring, *tried: Tried) -> int:
    """How many seconds until all of these may be tried again; 0: now."""
    rows = session.execute(
        select(Tries.kind, Tries.count, func.extract("epoch", Tries.ends_at - func.now())).where(
            tuple_(Tries.kind, Tries.key).in_(_keys(keyring, tried)), Tries.ends_at > func.now()
        )
    ).all()
    most = {limit.kind: limit.most for limit, _ in tried}
    return max((math.ceil(left) for kind, count, left in rows if count >= most[kind]), default=0)


def count_tries(session: Session, keyring: Keyring, *tried: Tried) -> bool:
    """Count one more of each; return whether this one reached a limit of the first kind."""
    reached = False
    for limit, value in sorted(tried, key=lambda one: one[0].kind):  # in one order: no deadlock
        length = timedelta(seconds=limit.seconds)
        over = Tries.ends_at <= func.now()
        full = Tries.count + 1 >= limit.most
        row = insert(Tries).values(
            kind=limit.kind, key=_key(keyring, limit, value), count=1, ends_at=func.now() + length
        )
        count = session.scalar(
            row.on_conflict_do_update(
                index_elements=[Tries.kind, Tries.key],
                set_={
                    "count": case((over, 1), else_=Tries.count + 1),
                    "ends_at": case(
                        (or_(over, full), func.now() + length),
                        else_=Tries.ends_at,
                    ),
                },
            ).returning(Tries.count)
        )
        reached |= limit is tried[0][0] and count == limit.most
    return reached


def forget_tries(session: Session, keyring: Keyring, *tried: Tried) -> None:
    """Begin anew: it came out right, or an administrator unlocked it."""
    session.execute(delete(Tries).where(tuple_(Tries.kind, Tries.key).in_(_keys(keyring, tried))))


def in_words(seconds: int) -> str:
    """``3 分钟``: how long to wait, rounded up."""
    return f"{max(1, math.ceil(seconds / 60))} 分钟"


def _keys(keyring: Keyring, tried: Sequence[Tried]) -> list[tuple[str, bytes]]:
    return [(limit.kind, _key(keyring, limit, value)) for limit, value in tried]


def _key(keyring: Keyring, limit: Limit, value: str) -> bytes:
    return keyring.index(f"tries {limit.kind} {value}")
