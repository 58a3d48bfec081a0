"""Tiplines assigned many at once, each to its own station, were all held where the first one's case
was: each is held where its own case is.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

WAITING = import_module("cases.migrations.0010_waiting")
MEND = """
update tiplines_tipline t
set holder_district_id = c.district_id, holder_station_id = c.station_id
from cases_casetipline e
join cases_case c on c.id = e.case_id
where e.tipline_id = t.id and e.left_at is null and t.status = 'held'
  and (t.holder_district_id, t.holder_station_id)
    is distinct from (c.district_id, c.station_id)
"""


def mend(apps: Any, schema_editor: Any) -> None:
    with WAITING.seeing_every_row(schema_editor), schema_editor.connection.cursor() as cursor:
        cursor.execute(MEND)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_evidence_of_hand_offs"),
        ("tiplines", "0008_trying"),
    ]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
