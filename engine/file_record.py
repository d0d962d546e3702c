"""一人一档 opened for reading: what a region's settings may ask about a person file.

File timers, selections and offers look at a person through expressions; this is what they see:
the file's own sections, and who the person is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.case_data import CaseData
from engine.expressions import Known, evaluate
from engine.functions import case_functions
from engine.identity import facts_of
from engine.materials import SECTION, checklist
from engine.models import DataKey, Person, PersonFile
from engine.packs.release import LoadedRelease
from engine.runtime import Runtime


def open_file(runtime: Runtime, session: Session, file: PersonFile) -> CaseData:
    """Read the sections of a person file, with ``person`` beside them; opened lazily."""
    person, wrapped = session.execute(
        select(Person, DataKey.wrapped)
        .join(DataKey, DataKey.id == Person.data_key_id)
        .where(Person.id == file.person_id)
    ).one()
    key = runtime.keyring.unwrap(wrapped)
    data = CaseData.load(session, file.id, file.id, key)
    data.know(
        "person",
        lambda: {
            "name": person.name,
            **facts_of(key.open_text(bytes(person.id_no_sealed))),
            "mobile": key.open_text(bytes(person.mobile_sealed)) if person.mobile_sealed else None,
            "employment": file.employment,
            "office": file.office,
        },
    )
    return data


def work_out(
    runtime: Runtime,
    release: LoadedRelease,
    expression: str,
    data: Mapping[str, Any],
    now: datetime | None = None,
) -> Any:
    """Work out an expression of the region's settings over data that belong to no running step.

    Args:
        now: the instant it is worked out for; the present one if left out.

    Raises:
        DiagramFault: it cannot be worked out; the pack needs mending, do not retry.
    """
    config = release.config
    calendar = runtime.calendars[config.calendar]
    tables = release.pack.tables
    functions = case_functions(config, calendar, now or runtime.clock.now(), data, tables)
    return evaluate(expression, Known(data), functions)


def know_checklist(runtime: Runtime, release: LoadedRelease, data: CaseData) -> None:
    """Let data that were read for a page know the materials the case needs."""
    config = release.config
    calendar = runtime.calendars[config.calendar]
    functions = case_functions(config, calendar, runtime.clock.now(), data, release.pack.tables)
    data.know(SECTION, lambda: checklist(config, Known(data), functions))
