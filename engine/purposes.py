"""What tables from outside can be for."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from engine.application_rows import ApplicationRows
from engine.results import ResultRows
from engine.rosters import RosterRows
from engine.uploads import Rows, Work

PURPOSES: Mapping[str, Callable[[Session, Work], Rows]] = {
    "result": ResultRows,
    "roster": RosterRows,
    "apply": ApplicationRows,
}
