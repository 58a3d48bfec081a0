"""What an officer corrected in a tipline, beside what the document said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Correction(models.Model):
    """One field put right. It holds over every later reading of the documents until undone."""

    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="corrections")
    place = models.CharField(max_length=300, blank=True)
    """Where in the report, as in `Sighting.place`; empty for a field of the tipline itself."""
    field = models.CharField(max_length=60)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tipline", "place", "field"],
                condition=Q(undone_at__isnull=True),
                name="one_standing_correction_per_field",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk} of tipline {self.tipline_id}"
