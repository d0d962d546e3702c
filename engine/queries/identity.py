"""Who a retiree is, for a form whose name and number are not to be typed."""

from sqlalchemy import select

from engine.access import Actor
from engine.errors import NotFound
from engine.models import DataKey, Person, PersonFile
from engine.runtime import Runtime


def own_identity(runtime: Runtime, actor: Actor) -> dict[str, str]:
    """Return ``name`` and ``id_no`` of the person an account belongs to.

    Raises:
        NotFound: the account has no person file.
    """
    with runtime.reading() as session:
        row = session.execute(
            select(Person, DataKey.wrapped)
            .join(PersonFile, PersonFile.person_id == Person.id)
            .join(DataKey, DataKey.id == Person.data_key_id)
            .where(PersonFile.id.in_(actor.files))
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound
        person, wrapped = row
        key = runtime.keyring.unwrap(wrapped)
        return {"name": person.name, "id_no": key.open_text(bytes(person.id_no_sealed))}
