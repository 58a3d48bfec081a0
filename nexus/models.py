"""Ties between tiplines. A value seen n times costs n sightings; only pairs worth showing stand
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from tiplines.models import Tipline

if TYPE_CHECKING:
    from accounts.models import User


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, officer: User) -> Self:
        """Links both of whose ends the officer may see."""
        if officer.duty.sees_everything:
            return self
        seen = Tipline.objects.visible_to(officer)
        return self.filter(first__in=seen, second__in=seen)

    def of(self, tipline_id: int) -> Self:
        return self.filter(Q(first_id=tipline_id) | Q(second_id=tipline_id))


class Link(models.Model):
    """Two tiplines that share identifiers, and what that is worth in bits."""

    first = models.ForeignKey("tiplines.Tipline", models.CASCADE, related_name="+")
    second = models.ForeignKey("tiplines.Tipline", models.CASCADE, related_name="+")
    bits = models.FloatField()
    evidence = models.JSONField()
    """A list of [kind, identifier key, holders, bits], the strongest first."""
    at = models.DateTimeField()

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="link_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_in_order"),
        ]
        indexes = [
            models.Index(fields=["first", "-bits"], name="link_by_first"),
            models.Index(fields=["second", "-bits"], name="link_by_second"),
        ]

    def __str__(self) -> str:
        return f"link of tiplines {self.first_id} and {self.second_id}"
