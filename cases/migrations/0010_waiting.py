"""A case says since when a production and the news to an informant wait: filled from its rows.
Desks and lists find each by district and by station.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import migrations, models
from django.db.models import Q

from accounts.scope import as_the_system

WAITING = {
    "new": ("handed_over_at", Q(status="handed-over")),
    "unproduced": ("unproduced_since", Q(unproduced_since__isnull=False)),
    "uninformed": ("uninformed_since", Q(uninformed_since__isnull=False)),
}
FILL = """
update cases_case c
set unproduced_since = w.unproduced_since, uninformed_since = w.uninformed_since
from (
  select f.case_id,
    min(a.arrested_at) filter (where a.produced_at is null) as unproduced_since,
    min(f.registered_at) filter (where f.informed_at is null) as uninformed_since
  from cases_fir f
  left join cases_accused p on p.fir_id = f.id
  left join cases_arrest a on a.accused_id = p.id
  group by f.case_id
) w
where w.case_id = c.id
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
        cursor.execute(FILL)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_accused_child_is_covered")]

    operations = [
        migrations.AddField("case", "unproduced_since", models.DateTimeField(null=True)),
        migrations.AddField("case", "uninformed_since", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            migrations.AddIndex(
                "case",
                models.Index(
                    fields=[holder, moment, "id"], condition=where, name=f"case_{name}_by_{holder}"
                ),
            )
            for holder in ("district", "station")
            for name, (moment, where) in WAITING.items()
        ),
        *(
            migrations.AddIndex(
                "case",
                models.Index(fields=[holder, "-status_at", "-id"], name=f"case_newest_by_{holder}"),
            )
            for holder in ("district", "station")
        ),
        # Nothing looks for them among all rows any more.
        migrations.RemoveIndex("arrest", "arrest_not_produced"),
        migrations.RemoveIndex("fir", "fir_informant_waiting"),
    ]
