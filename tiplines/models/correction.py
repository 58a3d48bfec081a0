"""What an officer corrected in a tipline, beside what the document said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tiplines.models.sealable import about_tipline
from tiplines.sealing import seal_json, unseal_json

NAMING = frozenset({"name", "text", "postal_code"})


class Correction(models.Model):
    """One field put right. It holds over every later reading of the documents until undone."""

    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="corrections")
    place = models.CharField(max_length=300, blank=True)
    """Where in the report, as in `Sighting.place`; empty for a field of the tipline itself."""
    field = models.CharField(max_length=60)
    sealed = models.BinaryField()
    """Before, after and reason as JSON: any of them may name a child."""
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

    def say(self, *, before: str, after: str, reason: str) -> None:
        said = {"before": before, "after": after, "reason": reason}
        self.sealed = seal_json(said, about=about_tipline(self.tipline_id))

    @property
    def names_somebody(self) -> bool:
        """Whether what it put right may say who is meant: a name, an address, an identifier."""
        kind, colon, _digest = self.field.partition(":")
        return bool(self.place) and (kind != "at" if colon else kind in NAMING)

    @property
    def before(self) -> str:
        """What the document says."""
        return self.said["before"]

    @property
    def after(self) -> str:
        return self.said["after"]

    @property
    def reason(self) -> str:
        return self.said["reason"]

    @property
    def said(self) -> dict[str, str]:
        found: dict[str, str] = unseal_json(
            bytes(self.sealed), about=about_tipline(self.tipline_id)
        )
        return found
