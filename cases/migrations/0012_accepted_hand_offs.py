"""What was acknowledged before accepting was told apart had been taken up by that act; and how often
each tipline came back, counted from the hand-offs.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import migrations

from accounts.scope import as_the_system

ACCEPTED = """
update cases_handoff h
set accepted_at = h.acknowledged_at, accepted_by_id = h.acknowledged_by_id
from cases_case c
where c.id = h.case_id and h.acknowledged_at is not null and h.at = c.handed_over_at
  and c.status in ('under-enquiry', 'registered', 'returned')
"""
RETURNED = """
update tiplines_tipline t set return_count = least(r.count, 32767)
from (
  select e.tipline_id, count(*) as count
  from cases_casetipline e
  join cases_handoff h on h.case_id = e.case_id and h.returned_at = e.left_at
  group by e.tipline_id
) r
where r.tipline_id = t.id
"""


def seeing_every_row(schema_editor: Any) -> AbstractContextManager[None]:
    """A database that is new is guarded after its migrations: until then the system's role has no
    rights in it, and the owner sees every row.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select relforcerowsecurity from pg_class where oid = 'cases_case'::regclass")
        [is_guarded] = cursor.fetchone()
    return as_the_system() if is_guarded else nullcontext()


def fill(apps: Any, schema_editor: Any) -> None:
    with seeing_every_row(schema_editor), schema_editor.connection.cursor() as cursor:
        cursor.execute(ACCEPTED)
        cursor.execute(RETURNED)


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_accepting"), ("tiplines", "0005_returns")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
