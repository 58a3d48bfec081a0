"""What officers said of tiplines, values and nexuses. Every run, and whatever comes in between
runs, is grouped by what stands here (decision 23).
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tiplines.models import Identifier, Tipline

from .groups import Nexus


class Verdict(models.TextChoices):
    TOGETHER = "together", _("Belong together")
    APART = "apart", _("Do not belong together")
    NEVER = "never", _("Ties nobody")
    ALWAYS = "always", _("Always ties")
    DISMISSED = "dismissed", _("Dismissed")
    FROZEN = "frozen", _("Frozen")
    RELEASED = "released", _("Decided one by one")


OF_TIPLINES = (Verdict.TOGETHER, Verdict.APART)
OF_VALUES = (Verdict.NEVER, Verdict.ALWAYS)
OF_NEXUSES = (Verdict.DISMISSED, Verdict.FROZEN, Verdict.RELEASED)


class JudgementQuerySet(models.QuerySet["Judgement"]):
    def visible_to(self, officer: User) -> Self:
        """Those of nexuses that the officer may see, or of none, if the officer may see every
        tipline of which they are said.
        """
        tiplines = Tipline.objects.visible_to(officer)
        seen = Judged.objects.filter(judgement=OuterRef("pk"), tipline__in=tiplines)
        count = seen.order_by().values("judgement").annotate(seen=Count("pk")).values("seen")
        return self.annotate(seen=Coalesce(Subquery(count), 0)).filter(
            Q(nexus=None) | Q(nexus__in=Nexus.objects.visible_to(officer)), tiplines=F("seen")
        )

    def standing(self) -> Self:
        return self.filter(ended_at=None)


class Judgement(models.Model):
    """It stands until somebody ends it; nothing else takes it back."""

    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    nexus = models.ForeignKey(Nexus, models.PROTECT, null=True, related_name="judgements")
    """Of which it is said, or on whose page."""
    identifier = models.ForeignKey(
        Identifier, models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    tiplines = models.PositiveIntegerField()
    """Of how many it is said; of a nexus, of its members then."""
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Nobody, where a dismissed or released nexus grew."""
    ended_reason = models.TextField(blank=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=OF_VALUES, identifier__isnull=False)
                | (~Q(verdict__in=OF_VALUES) & Q(identifier__isnull=True)),
                name="judged_value",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=OF_NEXUSES) | Q(nexus__isnull=False),
                name="judged_nexus",
            ),
            models.UniqueConstraint(
                fields=["identifier"],
                condition=Q(verdict__in=OF_VALUES, ended_at=None),
                name="value_judged_once",
            ),
            models.UniqueConstraint(
                fields=["nexus", "verdict"],
                condition=Q(verdict__in=OF_NEXUSES, ended_at=None),
                name="nexus_judged_once",
            ),
        ]
        indexes = [
            models.Index(fields=["verdict"], condition=Q(ended_at=None), name="judgement_standing"),
        ]

    def __str__(self) -> str:
        return f"judgement {self.pk}"


def is_judged(verdict: Verdict) -> Exists:
    """For a query of nexuses: whether that stands of each."""
    return Exists(Judgement.objects.standing().filter(nexus=OuterRef("pk"), verdict=verdict))


class Judged(models.Model):
    """A tipline of which something is said; of a nexus, a member on that day."""

    judgement = models.ForeignKey(Judgement, models.CASCADE, related_name="judged", db_index=False)
    tipline = models.ForeignKey(Tipline, models.PROTECT, related_name="+", db_constraint=False)
    side = models.PositiveSmallIntegerField(default=0)
    """0 or 1: those of one side are apart from those of the other."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["judgement", "tipline"], name="judged_once"),
        ]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} of judgement {self.judgement_id}"
