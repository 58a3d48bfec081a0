"""Viral bundles: many reports of one circulating file or one batch, decided once for all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Bundle(models.Model):
    """Tiplines that say the same. Nothing is merged: each stays what it is and may leave."""

    key = models.CharField(max_length=200)
    """What its tiplines share, by the rule in `tiplines/bundles.py`."""
    provider = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    dissolved_at = models.DateTimeField(null=True)
    dissolved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(dissolved_at__isnull=True), name="bundle_once"
            ),
        ]

    def __str__(self) -> str:
        return f"bundle {self.pk}"
