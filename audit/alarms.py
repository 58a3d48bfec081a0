"""Whether the record is sealed, signed and whole: what is told at once if it is not.

One statement that touches a row or two of each table by its index: pages ask for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

SEALED_WITHIN = timedelta(minutes=5)
SIGNED_WITHIN = timedelta(days=1)
VERIFIED = "record.verified"
"""The verb of a check's event; its detail says under `holds` what the check found."""

# Waiting: the first event after all that are sealed. One that was left out between sealed ones is
# found by `verify_audit`. Unsigned: the first sealed event after the last checkpoint.
STATE = """
select
  (select e.at from audit_event e
   where e.id > coalesce((select max(event_id) from audit_seal), 0) order by e.id limit 1),
  (select e.at from audit_seal s join audit_event e on e.id = s.event_id
   where s.seq = coalesce((select max(size) from audit_checkpoint), 0) + 1),
  (select (e.detail->>'holds')::boolean from audit_event e
   where e.verb = %s order by e.id desc limit 1)
"""


class Alarm(models.TextChoices):
    NOT_SEALED = (
        "not-sealed",
        _(
            "The record has not been sealed for more than five minutes. Tell whoever runs the"
            " system: the sealer does not work. What is done is still recorded."
        ),
    )
    NOT_SIGNED = (
        "not-signed",
        _(
            "No checkpoint of the record was signed for a day. Tell whoever runs the system: the"
            " sealer does not work."
        ),
    )
    NOT_WHOLE = (
        "not-whole",
        _(
            "The last check of the record found that it is not what was sealed. Tell whoever runs"
            " the system at once."
        ),
    )


def alarms(*, at: datetime) -> list[Alarm]:
    with connection.cursor() as cursor:
        cursor.execute(STATE, [VERIFIED])
        waiting_since, unsigned_since, holds = cursor.fetchone()
    is_so = {
        Alarm.NOT_SEALED: waiting_since is not None and waiting_since <= at - SEALED_WITHIN,
        Alarm.NOT_SIGNED: unsigned_since is not None and unsigned_since <= at - SIGNED_WITHIN,
        Alarm.NOT_WHOLE: holds is False,
    }
    return [alarm for alarm, told in is_so.items() if told]
