"""The append-only record: who did or saw what, when."""

from typing import Self

from django.db import connection, models

# One step of the index for each verb that occurs, however many events there are.
VERBS = """
with recursive found(verb) as (
  (select verb from audit_event order by verb limit 1)
  union all
  select (select verb from audit_event e where e.verb > found.verb order by verb limit 1)
  from found where found.verb is not null
)
select verb from found where verb is not null
"""


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: str) -> Self:
        return self.filter(subject=subject).order_by("-at", "-pk")

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def by_officer(self, actor_id: int) -> Self:
        return self.filter(actor_id=actor_id)

    def verbs(self) -> list[str]:
        """Every verb that occurs in the whole record, in order."""
        with connection.cursor() as cursor:
            cursor.execute(VERBS)
            return [verb for (verb,) in cursor.fetchall()]


class Event(models.Model):
    """One act or one reading. A trigger refuses every change and every removal of a row."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    """The officer's key; null when the system itself acted. No foreign key: the record outlives
    rows.
    """
    actor_name = models.CharField(max_length=150, blank=True)
    verb = models.CharField(max_length=60)
    """Subject kind and past tense: `tipline.opened`, `case.acknowledged`."""
    subject = models.CharField(max_length=100)
    """Kind and key: `tipline:990000001`."""
    detail = models.JSONField(default=dict)
    """Codes, keys and counts; never a person's name and never text of a report."""
    request_id = models.CharField(max_length=32, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-at"], name="event_by_subject"),
            models.Index(fields=["actor_id", "-id"], name="event_by_officer"),
            models.Index(fields=["verb", "-id"], name="event_by_verb"),
            models.Index(fields=["-at", "-id"], name="event_by_day"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}: {self.verb} {self.subject}"
