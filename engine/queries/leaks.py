"""Searching every column of every table for numbers of people that stand in the clear."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, text

from engine.leaks import DIGITS, Leak, find_leaks

#: What is written for everybody to read: packs as released, and how to reach an office.
PUBLIC = frozenset(
    {"blob.content", "compiled_process.content", "agency_setting.phone", "office.phone"}
)
_COLUMNS = text(
    """
    select c.table_name, c.column_name, c.data_type
    from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
      and (c.data_type in ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea',
                           'ARRAY', 'bigint', 'numeric')
           or c.data_type like 'USER%')
    order by c.table_name, c.ordinal_position
    """
)


def database_leaks(connection: Connection, known: Collection[str] = ()) -> Iterator[Leak]:
    """Yield every number in the clear, by ``table.column``.

    Args:
        connection: as the owner of the tables, who sees every row.
        known: see ``engine.leaks.find_leaks``.
    """
    for table, column, kind in connection.execute(_COLUMNS).all():
        place = f"{table}.{column}"
        if place in PUBLIC:
            continue
        plain = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
        found = connection.execute(
            text(f'select {plain} from "{table}" where {plain} ~ :digits'),  # noqa: S608 - names from the catalogue
            {"digits": DIGITS},
        )
        for (content,) in found:
            yield from find_leaks(place, content, known)


def searched_columns(connection: Connection) -> list[str]:
    """``table.column`` of all that is searched: a search of nothing would find nothing."""
    named = [f"{table}.{column}" for table, column, _ in connection.execute(_COLUMNS)]
    return [name for name in named if name not in PUBLIC]
