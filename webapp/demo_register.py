"""演示: whom the simulated identity platform knows, the same invented people as everywhere."""

from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from engine.models import Setting
from handlers.sandbox.platform.register import INVENTED, Enterprise, Register, Resident
from webapp.demo import PEOPLE, UNITS, synthetic_id_no

#: Who acts for the units: born on made-up days, numbered beyond the retirees.
_ADMINS = (("马晓东", 901), ("郑敏", 902))
_OPERATORS = (("于小川", 903), ("白雪", 904))


def register(sessions: sessionmaker[Session]) -> Register:
    """Retirees, somebody who never verified their identity, and the enterprises."""
    with sessions() as session:
        kept = session.get(Setting, "demo_since")
    if kept is None:
        return INVENTED
    since = date.fromisoformat(kept.value)
    people = [Resident(one.name, one.id_no(since), f"139000000{one.turn:02d}") for one in PEOPLE]
    stranger = Resident("周新民", _number(date(1966, 5, 6), 905), "13900000095", level="L1")
    newcomer = Resident("冯秀兰", _number(date(1971, 8, 9), 906), "13900000096")
    enterprises = [
        Enterprise(name, uscc, admins=(_adult(*admin),), operators=(_adult(*operator),))
        for (name, uscc), admin, operator in zip(UNITS, _ADMINS, _OPERATORS, strict=True)
    ]
    return Register((*people, newcomer, stranger), enterprises)


def _adult(name: str, turn: int) -> Resident:
    return Resident(name, _number(date(1985, 3, 7), turn), f"13900000{turn}")


def _number(birth: date, turn: int) -> str:
    return synthetic_id_no("220199", birth, turn)
