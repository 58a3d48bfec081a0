"""Letters to other States and to senders, numbered, kept as they were sent, until acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act
from cases.clocks import LETTER, Limit, urgency
from cases.letters import dispatch_number
from districts.wording import state_words

if TYPE_CHECKING:
    from accounts.models import User


class LetterSerial(models.Model):
    """The last number that a unit gave in a year. Its row is locked while one is taken."""

    unit = models.CharField(max_length=20)
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="letter_serial_once")]

    def __str__(self) -> str:
        return f"letters of {self.unit} in {self.year}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, officer: User) -> Self:
        """For the triage desk; of restricted cases only those that name the officer."""
        duty = officer.duty
        if not duty.may(Act.TRIAGE):
            return self.none()
        return self.filter(
            Q(restricted_case__isnull=True) | Q(restricted_case_id__in=duty.case_ids)
        )

    def waiting(self) -> Self:
        """Sent and not acknowledged, while at least one of its tiplines is still ended by it."""
        standing = LetterEntry.objects.filter(
            letter=OuterRef("pk"), decision__undone_at__isnull=True
        )
        return self.filter(UNANSWERED).filter(Exists(standing))

    def overdue(self, *, at: datetime) -> Self:
        return self.waiting().filter(asked_at__lt=at - LETTER.limit)


UNANSWERED = Q(acknowledged_at__isnull=True, withdrawn_at__isnull=True, reminds__isnull=True)


class Letter(models.Model):
    """To one addressee about the tiplines of one act; or a reminder of such a letter."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", _("Transfer to another State")
        SEND_BACK = "send-back", _("Return to the sender")
        REMINDER = "reminder", _("Reminder")

    unit = models.CharField(max_length=20)
    year = models.SmallIntegerField()
    number = models.IntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    addressee = models.CharField(max_length=300)
    """A State by its English name, or the sender as the dispatch names it."""
    reminds = models.ForeignKey("self", models.PROTECT, null=True, related_name="reminders")
    batch = models.UUIDField(null=True)
    """Of the decisions that it tells; null for a reminder."""
    tipline_count = models.IntegerField()
    template = models.CharField(max_length=20)
    """Which arrangement it was written for; one that letters were sent by is not changed."""
    content = models.JSONField()
    """Its words by language, as they were sent: the PDF is made of nothing else."""
    restricted_case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    """Only officers whom this case names see the letter."""
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    """Who sent it, and with the triage desk answers for it until it is acknowledged."""
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    """The second officer, where the act took two."""
    asked_at = models.DateTimeField()
    """When the addressee was last written to about it: the clock starts here."""
    acknowledged_at = models.DateTimeField(null=True)
    """When the acknowledgement was entered."""
    acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+"
    )
    answer_reference = models.CharField(max_length=120, blank=True)
    answer_on = models.DateField(null=True)
    answer_from = models.CharField(max_length=200, blank=True)
    """Who acknowledged it there: name, rank, office."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "number"], name="letter_number_once"),
            models.CheckConstraint(
                condition=Q(kind="reminder", reminds__isnull=False, batch__isnull=True)
                | (~Q(kind="reminder") & Q(reminds__isnull=True, batch__isnull=False)),
                name="letter_tells_an_act_or_reminds",
            ),
            models.CheckConstraint(
                condition=Q(
                    acknowledged_at__isnull=True,
                    acknowledged_by__isnull=True,
                    answer_on__isnull=True,
                    answer_reference="",
                    answer_from="",
                )
                | (
                    Q(
                        acknowledged_at__isnull=False,
                        acknowledged_by__isnull=False,
                        answer_on__isnull=False,
                        reminds__isnull=True,
                    )
                    & ~Q(answer_reference="")
                    & ~Q(answer_from="")
                ),
                name="letter_acknowledged_in_full",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    acknowledged_at__isnull=True,
                ),
                name="letter_withdrawn_is_not_acknowledged",
            ),
            models.CheckConstraint(
                condition=Q(asked_at__gte=F("at")), name="letter_asked_after_it_was_sent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at", "id"],
                condition=Q(
                    acknowledged_at__isnull=True, withdrawn_at__isnull=True, reminds__isnull=True
                ),
                name="letter_waiting",
            ),
            models.Index(fields=["-at", "-id"], name="letter_newest"),
            models.Index(fields=["batch"], name="letter_by_batch"),
        ]

    def __str__(self) -> str:
        return f"letter {self.reference}"

    @property
    def reference(self) -> str:
        return dispatch_number(unit=self.unit, year=self.year, number=self.number)

    @property
    def is_unanswered(self) -> bool:
        return (self.acknowledged_at, self.withdrawn_at, self.reminds_id) == (None, None, None)

    @property
    def to(self) -> str:
        """The addressee in the reader's language."""
        first = self.reminds if self.reminds is not None else self
        return state_words(self.addressee) if first.kind == self.Kind.TRANSFER else self.addressee

    def limit(self, *, now: datetime) -> Limit:
        """The clock of its acknowledgement; it runs while the letter waits."""
        due_at = LETTER.due_at(self.asked_at)
        return Limit(
            clock=LETTER, due_at=due_at, urgency=urgency(clock=LETTER, due_at=due_at, now=now)
        )

    def page_in(self, language: str) -> dict[str, Any]:
        """Its words in a language it was written in."""
        page: dict[str, Any] = self.content[language]
        return page


class LetterEntry(models.Model):
    """A tipline that a letter tells of, by the decision that it tells."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="entries")
    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="+")
    decision = models.OneToOneField("tiplines.Decision", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} in letter {self.letter_id}"
