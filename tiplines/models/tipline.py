"""A tipline: a report as we hold it, in versions, with everything it names."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import (
    Exists,
    OuterRef,
    Q,
)
from django.utils.translation import gettext_lazy as _

from tiplines.models.sealable import about_tipline
from tiplines.sealing import unseal_json

if TYPE_CHECKING:
    from accounts.models import User


class Status(models.TextChoices):
    """Where a tipline stands. Exactly one at every instant: the conservation law counts these."""

    AWAITING = "awaiting", _("Awaiting decision")
    HELD = "held", _("With a district or station")
    TRANSFERRED = "transferred", _("Transferred to another State")
    CLOSED = "closed", _("Closed with a reason")
    SENT_BACK = "sent-back", _("Returned to the sender")


ENDED = (Status.TRANSFERRED, Status.CLOSED, Status.SENT_BACK)


class Outcome(models.TextChoices):
    """What the locator can say. The values are those of `districts.evidence.Outcome`."""

    DELHI = "delhi", _("Delhi")
    OTHER_STATE = "other_state", _("Other State")
    ABROAD = "abroad", _("Abroad")
    CANNOT_SAY = "cannot_say", _("Cannot say")


URGENT_FROM = 60
"""Points of urgency out of 100 from which a tipline is shown as urgent."""
ESCALATED_FROM = 2
"""Returns from which a tipline is escalated: only a supervisor assigns it again."""


class TiplineQuerySet(models.QuerySet["Tipline"]):
    def visible_to(self, officer: User) -> Self:
        """All for the unit; else what a district or station in the officer's reach holds now.

        Of restricted cases only those that name the officer.
        """
        duty = officer.duty
        open_to = Q(restricted_case__isnull=True)
        if not duty.sees_everything:
            open_to &= Q(holder_district_id__in=duty.district_ids) | Q(
                holder_station_id__in=duty.station_ids
            )
        if duty.case_ids:
            open_to |= Q(restricted_case_id__in=duty.case_ids)
        return self.filter(open_to)

    def awaiting(self) -> Self:
        return self.filter(status=Status.AWAITING)

    def urgent(self) -> Self:
        return self.filter(urgency__gte=URGENT_FROM)

    def escalated(self) -> Self:
        """Returned so often that a supervisor has to say whose they are."""
        return self.awaiting().filter(return_count__gte=ESCALATED_FROM)

    def due_for_assessment(self) -> Self:
        return self.filter(assessed_at__isnull=True)

    def due_for_location(self) -> Self:
        return self.filter(located_at__isnull=True)

    def ever_located(self) -> Self:
        """Those that wait to be located again are among them: they have evidence too."""
        return self.exclude(gazetteer_version="")

    def due_for_links(self) -> Self:
        return self.filter(linked_at__isnull=True)

    def sure_of_station(self, assign_from: float) -> Self:
        """Those that the locator would assign: Delhi's, with a station and that much confidence."""
        return self.filter(
            outcome=Outcome.DELHI, best_station__isnull=False, best_share__gte=assign_from
        )


class Tipline(models.Model):
    number = models.CharField(max_length=40, unique=True)
    """NCMEC's report id; `U-…` where no document states one."""
    is_stub = models.BooleanField(default=False)
    """Known from a covering list only; completed when the report itself arrives."""
    version = models.IntegerField(default=1)
    content_sha256 = models.CharField(max_length=64)
    dispatch = models.ForeignKey("tiplines.Dispatch", models.PROTECT, related_name="tiplines")
    """The dispatch that brought it first."""
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="supplements", db_index=False
    )
    """The earlier report of the same company that this one supplements."""
    bundle = models.ForeignKey(
        "tiplines.Bundle", models.PROTECT, null=True, related_name="tiplines", db_index=False
    )
    """The viral bundle it is decided with."""
    left_bundle = models.BooleanField(default=False)
    """An officer took it out of its bundle: it is never put into one again."""
    received_at = models.DateTimeField()
    """When it reached the unit."""

    # What it says, for lists and figures
    provider = models.CharField(max_length=300, blank=True)
    provider_key = models.CharField(max_length=80, blank=True)
    platform = models.CharField(max_length=300, blank=True)
    incident_type = models.CharField(max_length=200, blank=True)
    incident_at = models.DateTimeField(null=True)
    incident_original = models.CharField(max_length=200, blank=True)
    zone_missing = models.BooleanField(default=False)
    """A moment in it has no zone: it must not go into a notice until an officer settles it."""
    ncmec_received_at = models.DateTimeField(null=True)
    ncmec_priority = models.CharField(max_length=20, blank=True)
    escalation = models.TextField(blank=True)
    annotations = ArrayField(models.CharField(max_length=80), default=list)
    batched_reason = models.CharField(max_length=80, blank=True)
    police_reference = models.TextField(blank=True)
    prior_reports = ArrayField(models.CharField(max_length=40), default=list)
    narrative = models.TextField(blank=True)
    suspect_line = models.CharField(max_length=300, blank=True)
    """The first adult suspect in one line for lists: name and two identifiers, shortened."""
    file_count = models.IntegerField(default=0)
    worst_class = models.CharField(max_length=2, blank=True)
    preserved_until = models.DateTimeField(null=True)
    """Until when the provider must keep the data: 18 USC 2258A(h), one year from its report."""

    # What the workers found out
    urgency = models.SmallIntegerField(default=0)
    urgency_reasons = models.JSONField(default=list)
    completeness = models.SmallIntegerField(default=0)
    missing = models.JSONField(default=list)
    assessed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    state_name = models.CharField(max_length=60, blank=True)
    location_reasons = models.JSONField(default=list)
    gazetteer_version = models.CharField(max_length=40, blank=True)
    rules_number = models.PositiveIntegerField(null=True)
    """Of the rules it was located by; null before it was, or if that was before there were any."""
    engine = models.PositiveSmallIntegerField(null=True)
    """Of the locator (`districts.replaying.ENGINE`); null before it was located."""
    best_district = models.ForeignKey(
        "districts.District", models.PROTECT, null=True, related_name="+"
    )
    best_station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    best_share = models.FloatField(null=True)
    located_at = models.DateTimeField(null=True)
    linked_at = models.DateTimeField(null=True)
    organised_in = models.BigIntegerField(null=True)
    """The key of the organised nexus that it is in, as far as that has had its consequences:
    `nexus/services/alerting.py`. No key that the database checks: nexus stands above this app.
    """
    for_the_unit = models.BooleanField(default=False, db_default=False)
    """It is in one, and the unit has yet to say whether its tiplines are decided as one."""

    # Where it stands
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.AWAITING)
    status_at = models.DateTimeField()
    holder_district = models.ForeignKey(
        "districts.District", models.PROTECT, null=True, related_name="+"
    )
    holder_station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    restricted_case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, related_name="+", db_index=False
    )
    """The restricted case that it is or was last in: only officers whom that case names see it."""
    news_at = models.DateTimeField(null=True)
    """When something last came in about it that its holder has not seen: a version, a supplement,
    or itself into a case.
    """
    came_back = models.TextField(blank=True)
    """Why a district returned it, when it is in the queue again."""
    return_count = models.SmallIntegerField(default=0)
    """How often a district or station returned it."""

    objects = TiplineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(urgency__range=(0, 100)), name="tipline_urgency_0_to_100"
            ),
            models.CheckConstraint(
                condition=Q(completeness__range=(0, 100)), name="tipline_completeness_0_to_100"
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.HELD.value, holder_district__isnull=False))
                | (~Q(status=Status.HELD.value) & Q(holder_district__isnull=True)),
                name="tipline_held_has_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(for_the_unit=False) | Q(organised_in__isnull=False),
                name="tipline_for_the_unit_is_organised",
            ),
        ]
        indexes = [
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="tipline_supplements"
            ),
            models.Index(
                fields=["bundle", "status"],
                condition=Q(bundle__isnull=False),
                name="tipline_by_bundle",
            ),
            # A pending list would have every look-up read all of it.
            GinIndex(fields=["prior_reports"], name="tipline_by_prior_report", fastupdate=False),
            # The queue: one index for each offered filter and sort, ending on the key.
            models.Index(
                fields=["-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_urgency",
            ),
            models.Index(
                fields=["outcome", "-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_outcome",
            ),
            models.Index(
                fields=["best_district", "-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_district",
            ),
            models.Index(
                fields=["provider_key", "-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_provider",
            ),
            models.Index(
                fields=["-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value) & ~Q(batched_reason=""),
                name="queue_viral",
            ),
            models.Index(
                fields=["-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value, return_count__gte=ESCALATED_FROM),
                name="queue_escalated",
            ),
            models.Index(
                fields=["-urgency", "-id"],
                condition=Q(status=Status.AWAITING.value, for_the_unit=True),
                name="queue_for_the_unit",
            ),
            models.Index(
                fields=["received_at", "id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_age",
            ),
            models.Index(
                fields=["preserved_until", "id"],
                condition=Q(status=Status.AWAITING.value),
                name="queue_by_expiry",
            ),
            models.Index(
                fields=["dispatch", "status", "-urgency", "-id"], name="tipline_by_dispatch"
            ),
            models.Index(
                fields=["holder_district", "-status_at", "-id"],
                condition=Q(holder_district__isnull=False),
                name="held_by_district",
            ),
            models.Index(
                fields=["holder_station", "-status_at", "-id"],
                condition=Q(holder_station__isnull=False),
                name="held_by_station",
            ),
            models.Index(
                fields=["holder_district", "news_at"],
                condition=Q(news_at__isnull=False, holder_district__isnull=False),
                name="news_of_district",
            ),
            models.Index(
                fields=["holder_station", "news_at"],
                condition=Q(news_at__isnull=False, holder_station__isnull=False),
                name="news_of_station",
            ),
            models.Index(
                fields=["restricted_case"],
                condition=Q(restricted_case__isnull=False),
                name="tipline_restricted",
            ),
            models.Index(
                fields=["organised_in"],
                condition=Q(organised_in__isnull=False),
                name="tipline_organised",
            ),
            # The board: what came in a period, answered from the index alone, policies included
            models.Index(
                fields=["received_at", "id"],
                include=[
                    *("outcome", "best_district", "restricted_case"),
                    *("holder_district", "holder_station", "parent"),
                ],
                name="tipline_funnel",
            ),
            models.Index(
                fields=["best_district", "received_at"],
                condition=Q(outcome=Outcome.DELHI.value),
                name="tipline_located",
            ),
            models.Index(fields=["status", "-status_at", "-id"], name="tipline_by_status"),
            # What is due for a stage
            models.Index(
                fields=["id"], condition=Q(assessed_at__isnull=True), name="due_for_assessment"
            ),
            models.Index(
                fields=["id"], condition=Q(located_at__isnull=True), name="due_for_location"
            ),
            models.Index(fields=["id"], condition=Q(linked_at__isnull=True), name="due_for_links"),
        ]

    def __str__(self) -> str:
        return f"tipline {self.number}"

    @property
    def is_urgent(self) -> bool:
        return self.urgency >= URGENT_FROM

    @property
    def is_escalated(self) -> bool:
        return self.status == Status.AWAITING and self.return_count >= ESCALATED_FROM

    @property
    def offence_at(self) -> datetime:
        """The moment of the incident; where it is not known the next best that was after it."""
        return self.incident_at or self.ncmec_received_at or self.received_at

    @property
    def is_ready(self) -> bool:
        """Whether every stage in the background has been done."""
        return None not in (self.assessed_at, self.located_at, self.linked_at)


class Version(models.Model):
    """The content of a tipline as one delivery brought it. The newest is the tipline itself."""

    tipline = models.ForeignKey(Tipline, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    format = models.CharField(max_length=10)
    sealed_source = models.BinaryField()
    """Everything the documents said, lossless: JSON, sealed."""
    is_whole = models.BooleanField(default=True)
    """Whether it is a report; else an addition to one: files that came apart from their XML."""
    unread = ArrayField(models.CharField(max_length=500), default=list)
    """Paths in its source that no field of ours carries."""
    confidence = models.SmallIntegerField(null=True)
    """0 to 100: how sure the reader is of what it read; null where the format leaves no doubt."""
    missing = ArrayField(models.CharField(max_length=60), default=list)
    """Fields that a report of this format usually has and this one lacks."""
    filled = ArrayField(models.CharField(max_length=60), default=list)
    """Columns of the tipline that this document gave, where others speak of the report too."""
    sha256 = models.CharField(max_length=64)
    dispatch = models.ForeignKey("tiplines.Dispatch", models.PROTECT)
    document = models.ForeignKey("tiplines.Document", models.PROTECT)
    received_at = models.DateTimeField()
    sealed_difference = models.BinaryField(null=True)
    """Against the version before of the same format, if any; sealed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tipline", "number"], name="version_number_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of tipline {self.tipline_id}"

    @property
    def source(self) -> dict[str, Any]:
        found: dict[str, Any] = self.opened(self.sealed_source)
        return found

    @property
    def difference(self) -> list[list[Any]]:
        """A list of [path, before, after]."""
        found: list[list[Any]] = self.opened(self.sealed_difference or b"") or []
        return found

    def opened(self, sealed: bytes | memoryview) -> Any:
        return unseal_json(bytes(sealed), about=about_tipline(self.tipline_id)) if sealed else None

    @staticmethod
    def present() -> Q:
        """Which versions hold now: of each format the newest, and every addition to it (files of an
        XML report that came apart from it), as `changing.slot` has it.
        """
        newer = Version.objects.filter(
            is_whole=True,
            tipline=OuterRef("tipline"),
            format=OuterRef("format"),
            number__gt=OuterRef("number"),
        )
        return Q(is_whole=False) | ~Q(Exists(newer))
