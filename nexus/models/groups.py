"""What belongs together: what a run learned, the ties that it found, the groups that they make.
A value seen n times costs n sightings; only pairs that likely belong together are rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from tiplines.models import Tipline
from tiplines.models.tipline import Status

if TYPE_CHECKING:
    from accounts.models import User


class Run(models.Model):
    """One run over all tiplines, and what it learned; the newest is in force."""

    at = models.DateTimeField()
    engine = models.PositiveSmallIntegerField()
    """Of the rules (`nexus.kinds.ENGINE`)."""
    tiplines = models.IntegerField()
    accounts = models.IntegerField()
    ip_bits = ArrayField(models.FloatField())
    """By the bucket of the gap, as in `nexus.weighing.Calibration`."""
    gap_bits = ArrayField(models.FloatField())
    district_bits = ArrayField(models.FloatField())

    def __str__(self) -> str:
        return f"run {self.pk}"


class Folded(models.Model):
    """A tipline about the account of an earlier one; those that stand alone have no row."""

    tipline = models.OneToOneField(
        Tipline, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    account = models.ForeignKey(Tipline, models.CASCADE, related_name="+", db_constraint=False)
    """The first tipline about the account, itself among its own."""

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} of account {self.account_id}"


class Joined(models.Model):
    """An identifier under the number of another that is the same: hashes of a file, IPv6 addresses
    of a subscriber, where several accounts have it.
    """

    value = models.OneToOneField(
        "tiplines.Identifier",
        models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    stands_for = models.ForeignKey(
        "tiplines.Identifier", models.CASCADE, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return f"identifier {self.value_id} under {self.stands_for_id}"


class Worth(models.Model):
    """What it says that two accounts share a value, as one run learned: nothing, by a chance of 0,
    where it is a hub.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    kind = models.SmallIntegerField()
    """Of `nexus.kinds.Kind`."""
    value = models.BigIntegerField()
    """A number of `nexus.services.reading.Said`."""
    holders = models.IntegerField()
    """Accounts."""
    chance = models.FloatField()
    beside = models.FloatField()
    core = ArrayField(models.BigIntegerField())
    """The accounts of its core, by their first tiplines."""

    class Meta:
        constraints = [
            # Not by run: of one that was stored a moment ago the planner believes that it is empty.
            models.UniqueConstraint(fields=["value", "kind", "run"], name="worth_of_value"),
        ]

    def __str__(self) -> str:
        return f"worth of value {self.value} of kind {self.kind}"


OTHERS_AT_MOST = 200


class TieQuerySet(models.QuerySet["Tie"]):
    def visible_to(self, officer: User) -> Self:
        """Ties of which the officer may see the first tipline of either account."""
        if officer.duty.sees_everything:
            return self
        seen = Tipline.objects.visible_to(officer)
        return self.filter(first__in=seen, second__in=seen)


class Tie(models.Model):
    """Two accounts, by their first tiplines, that more likely belong together than not. Written
    anew by every run: the database checks no keys that the run has read a moment before.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    first = models.ForeignKey(
        Tipline, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    second = models.ForeignKey(
        Tipline, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    bits = models.FloatField()
    context = models.FloatField()
    """Of these bits, what time and district add or take."""
    evidence = models.JSONField()
    """The values that they share, as `nexus.evidence.from_rows` reads them."""

    objects = TieQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "run"], name="tie_by_first"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="tie_in_order"),
        ]
        indexes = [models.Index(fields=["second", "run"], name="tie_by_other")]

    def __str__(self) -> str:
        return f"tie of accounts {self.first_id} and {self.second_id}"


class Tier(models.TextChoices):
    ALERT = "alert", _("Organised")
    RELATED = "related", _("Possibly related")


class NexusQuerySet(models.QuerySet["Nexus"]):
    def visible_to(self, officer: User) -> Self:
        """Those with a member, of now or once, that the officer may see."""
        seen = Tipline.objects.visible_to(officer)
        return self.filter(
            Exists(Membership.objects.filter(nexus=OuterRef("pk"), tipline__in=seen))
        )

    def present_to(self, officer: User) -> Self:
        """Those in force with a member of now that the officer may see."""
        members = Membership.objects.filter(
            nexus=OuterRef("pk"), until=None, tipline__in=Tipline.objects.visible_to(officer)
        )
        return self.filter(Exists(members), ended_at=None)

    def with_shown(self, officer: User) -> Self:
        """With how many members the officer may see, how many of them wait for the unit, and of how
        many districts they are.
        """
        tiplines = Tipline.objects.visible_to(officer)
        seen = Q(memberships__until=None, memberships__tipline__in=tiplines)
        districts = "memberships__tipline__best_district"
        waits = Q(
            memberships__tipline__for_the_unit=True, memberships__tipline__status=Status.AWAITING
        )
        return self.annotate(
            shown_tiplines=Count("memberships", filter=seen),
            shown_waiting=Count("memberships", filter=seen & waits),
            shown_districts=Count(districts, filter=seen, distinct=True),
        )


class Nexus(models.Model):
    """Tiplines that belong together, of several accounts or of one. Its number is for ever."""

    tier = models.CharField(max_length=8, choices=Tier.choices)
    score = models.FloatField()
    """For ranking only, from 0: `nexus.clustering.score_of`."""
    persons = models.FloatField()
    weakest_bits = models.FloatField()
    """At which it falls apart."""
    accounts = models.IntegerField()
    tiplines = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_at = models.DateTimeField()
    alerted_at = models.DateTimeField(null=True)
    """When it was first found to be organised."""
    told = ArrayField(models.CharField(max_length=60), default=list)
    """The codes of districts and stations with tiplines of it, as its holders were last told."""
    told_at = models.DateTimeField(null=True)
    """When they were last told of another one."""
    ended_at = models.DateTimeField(null=True)
    into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    """Where most of those members went that are in any nexus when it ended; never one that has
    itself ended in another.
    """

    objects = NexusQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["tier", "-score", "-id"],
                condition=Q(ended_at__isnull=True),
                name="nexus_by_score",
            ),
            models.Index(fields=["into"], condition=Q(into__isnull=False), name="nexus_into"),
        ]

    def __str__(self) -> str:
        return f"nexus {self.pk}"

    @property
    def label(self) -> str:
        """As officers write it."""
        return f"N-{self.pk:04d}"


def in_nexus() -> dict[str, Func | Subquery]:
    """Columns for a query of tiplines, null where one is in no nexus: its key, its tier, and how
    many others are in it, those of restricted cases not among them, counted up to one more than
    `OTHERS_AT_MOST`.
    """
    own = Membership.objects.filter(tipline=OuterRef("pk"), until=None)
    others = (
        Membership.objects.filter(
            nexus__memberships__tipline=OuterRef("pk"),
            nexus__memberships__until=None,
            until=None,
            tipline__restricted_case=None,
        )
        .exclude(tipline=OuterRef("pk"))
        .order_by()
        .values("pk")[: OTHERS_AT_MOST + 1]
    )
    return {
        "nexus_key": Subquery(own.values("nexus")),
        "nexus_tier": Subquery(own.values("nexus__tier")),
        "related_count": Func(ArraySubquery(others), function="cardinality"),
    }


class Membership(models.Model):
    """A tipline in a nexus, from a run until a later one: any past nexus can be told."""

    nexus = models.ForeignKey(Nexus, models.PROTECT, related_name="memberships", db_index=False)
    tipline = models.ForeignKey(
        Tipline, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    """Without a key that the database checks: many at once would lock tiplines in another order
    than those who decide about them.
    """
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tipline"], condition=Q(until__isnull=True), name="member_of_one_nexus"
            ),
        ]
        indexes = [models.Index(fields=["nexus", "tipline"], name="members_of_nexus")]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} in nexus {self.nexus_id}"


class Lineage(models.Model):
    """Members that went from one nexus to another."""

    source = models.ForeignKey(Nexus, models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Nexus, models.PROTECT, related_name="+", db_index=False)
    is_end = models.BooleanField()
    """The source ended in the target; else it lives on, or ended in another."""
    tiplines = models.IntegerField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["source"], name="lineage_from"),
            models.Index(fields=["target"], name="lineage_to"),
        ]

    def __str__(self) -> str:
        return f"from nexus {self.source_id} to {self.target_id}"
