"""The append-only record: who did or saw what, when."""

from typing import Self

from django.db import connection, models
from django.db.models.expressions import RawSQL

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


class Outcome(models.TextChoices):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Origin(models.TextChoices):
    SERVICE = "service"
    """Written by the service that acted."""
    SQL = "sql"
    """Written by a trigger: rows changed and no service said why."""


class Event(models.Model):
    """One act or one reading. A trigger refuses every change and every removal of a row."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    """The officer's key; null when the system itself acted. No foreign key: the record outlives
    rows.
    """
    actor_name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, blank=True, db_default="")
    """The role by which the officer acted, at that moment."""
    district_id = models.BigIntegerField(null=True)
    session = models.CharField(max_length=16, blank=True, db_default="")
    source = models.CharField(max_length=45, blank=True, db_default="")
    """The address that asked."""
    verb = models.CharField(max_length=60)
    """Subject kind and past tense: `tipline.opened`, `case.acknowledged`."""
    subject = models.CharField(max_length=100)
    """Kind and key: `tipline:990000001`."""
    outcome = models.CharField(max_length=10, choices=Outcome.choices, db_default=Outcome.DONE)
    purpose = models.CharField(max_length=60, blank=True, db_default="")
    """A code of why, where one had to be given; never free text."""
    origin = models.CharField(max_length=10, choices=Origin.choices, db_default=Origin.SERVICE)
    xid = models.BigIntegerField(
        db_default=RawSQL("(pg_current_xact_id()::text)::bigint", []), editable=False
    )
    """The transaction that wrote it, filled by the database: the sealer goes by it."""
    detail = models.JSONField(default=dict)
    """Codes, keys, counts and keyed hashes; never a person's name and never text of a report."""
    request_id = models.CharField(max_length=32, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-at"], name="event_by_subject"),
            models.Index(fields=["actor_id", "-id"], name="event_by_officer"),
            models.Index(fields=["verb", "-id"], name="event_by_verb"),
            models.Index(fields=["-at", "-id"], name="event_by_day"),
            models.Index(fields=["xid", "id"], name="event_by_transaction"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=Outcome.values), name="event_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=Origin.values), name="event_origin_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}: {self.verb} {self.subject}"


class Seal(models.Model):
    """An event's place in the chain. Append-only as the event itself; `audit.sealing` writes it."""

    seq = models.BigIntegerField(primary_key=True)
    """From 1 without gaps, in the order of sealing."""
    event_id = models.BigIntegerField(unique=True)
    algorithm = models.SmallIntegerField()
    """How `hash` was made: a key of `audit.form.ALGORITHMS`."""
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"seal {self.seq}"


class Checkpoint(models.Model):
    """The chain's state at one moment, signed. A copy stands outside the database."""

    size = models.BigIntegerField(primary_key=True)
    """How many events were sealed; the last one's `seq`."""
    hash = models.BinaryField()
    """That of the last event."""
    at = models.DateTimeField()
    note = models.TextField()
    """The signed text, as it stands in the file outside."""

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"
