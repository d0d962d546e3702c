"""Whom the simulated platform knows: invented people, and enterprises with those who act for them.

All identity numbers carry the unassigned county code 220199 (rules.md R6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resident:
    """Somebody registered there; ``level`` L1: registered only, L2: identity verified."""

    name: str
    id_no: str
    mobile: str = ""
    level: str = "L2"


@dataclass(frozen=True)
class Enterprise:
    """A legal person; ``admins`` may act for it by themselves, ``operators`` only if set up."""

    name: str
    uscc: str
    admins: Sequence[Resident]
    operators: Sequence[Resident] = ()


@dataclass(frozen=True)
class Register:
    """Everybody."""

    residents: Sequence[Resident] = field(default_factory=tuple)
    enterprises: Sequence[Enterprise] = field(default_factory=tuple)


#: For a sandbox of its own; a demonstration brings its own people.
INVENTED = Register(
    residents=(
        Resident("张建国", "220199196611200016", "13900000001"),
        Resident("李桂芬", "220199197208150025", "13900000002"),
        Resident("未实名人员", "220199196609030038", "13900000003", level="L1"),
    ),
    enterprises=(
        Enterprise(
            "吉林省示范机械有限公司",
            "91220199MA0X00001W",
            admins=(Resident("马晓东", "220199198003070018", "13900000088"),),
            operators=(Resident("于经办", "220199198505050041", "13900000089"),),
        ),
    ),
)
