"""What was decided about a tipline, by whom and why. Rows are superseded, never changed away."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ASSIGN = "assign", _("Assigned")
    TRANSFER = "transfer", _("Transferred to another State")
    CLOSE = "close", _("Closed")
    SEND_BACK = "send-back", _("Returned to the sender")


class CloseReason(models.TextChoices):
    """Why a tipline is not pursued. The letter is the key that picks it."""

    VIRAL = "viral", _("Viral material shared without malice")
    NOT_AN_OFFENCE = "not-an-offence", _("No offence under Indian law")
    NO_LEAD = "no-lead", _("Nothing that could identify a person or place")
    DATA_EXPIRED = "data-expired", _("Records at the provider have lapsed")
    DUPLICATE = "duplicate", _("Same matter as another tipline")
    ALREADY_INVESTIGATED = "investigated", _("Already under investigation or decided")


class Decision(models.Model):
    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=20, choices=CloseReason.choices, blank=True)
    state_name = models.CharField(max_length=60, blank=True)
    district = models.ForeignKey("districts.District", models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    knew_nexus = models.BooleanField(default=False, db_default=False)
    """Whether the tipline was known to be of an organised nexus."""
    batch = models.UUIDField()
    """The same for all tiplines decided in one act."""
    undone_at = models.DateTimeField(null=True)
    """When it stopped to hold: undone by an officer, or returned by the district."""
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    # What it rests on
    sealed_basis = models.BinaryField(null=True)
    """The evidence of place as read, the answer, what was decided: `tiplines/services/grounds.py`.
    Null in decisions from before it was kept.
    """
    gazetteer_version = models.PositiveIntegerField(null=True)
    """By which the tipline had been located; null, like the next, where it had not been."""
    rules_number = models.PositiveIntegerField(null=True)
    engine = models.PositiveIntegerField(null=True)
    residence_station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    """In an assignment: of the suspect's residence, as decided; null where no station was."""
    registering_station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    """In an assignment: the one that registers by the rules of that day, the same or the district's
    cyber station.
    """

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tipline"],
                condition=Q(undone_at__isnull=True),
                name="one_standing_decision_per_tipline",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CLOSE.value) | ~Q(reason=""), name="closing_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.TRANSFER.value) | ~Q(state_name=""),
                name="transfer_names_a_state",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.ASSIGN.value) | Q(district__isnull=False),
                name="assignment_names_a_district",
            ),
        ]
        indexes = [
            models.Index(fields=["batch"], name="decision_by_batch"),
            models.Index(fields=["by", "-at"], name="decision_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of tipline {self.tipline_id}"

    @property
    def says_stations(self) -> bool:
        """Whether the station of residence and the registering one were stored with it."""
        return bool(self.residence_station_id or self.registering_station_id)
