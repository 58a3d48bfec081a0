"""A look into every column of every table, as a thief of the database would take it."""

from __future__ import annotations

from django.db import connection

COLUMNS = """
select c.table_name, c.column_name, c.data_type from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = %s and t.table_type = 'BASE TABLE' order by 1, 2
"""


def tables_that_say(text: str, *, schema: str = "public") -> list[str]:
    """Each `table.column` in which the text stands in clear, in any case; bytes as they are and,
    where they are text, as text.
    """
    found = []
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [schema])
        for table, column, kind in cursor.fetchall():
            name = f'"{schema}"."{table}"'
            plain = f'"{column}"'
            said = f"encode({plain}, 'escape')" if kind == "bytea" else f"{plain}::text"
            cursor.execute(
                f"select exists (select 1 from {name} where {said} ilike %s)",  # noqa: S608
                [f"%{text}%"],
            )
            if cursor.fetchone() == (True,):
                found.append(f"{table}.{column}")
    return found
