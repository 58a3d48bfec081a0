"""A case and its hand-offs: there is never a tipline without an accountable holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.grants import SEE_RESTRICTED
from cases.lifecycle import OPEN, CaseStatus
from districts.wording import state_words

if TYPE_CHECKING:
    from accounts.models import User

STATUS_LABELS = [
    (CaseStatus.HANDED_OVER.value, _("Awaiting acknowledgement")),
    (CaseStatus.ACKNOWLEDGED.value, _("Acknowledged, not yet accepted")),
    (CaseStatus.UNDER_ENQUIRY.value, _("Under enquiry")),
    (CaseStatus.REGISTERED.value, _("FIR registered")),
    (CaseStatus.RETURNED.value, _("Returned to the unit")),
    (CaseStatus.WITHDRAWN.value, _("Withdrawn by the unit")),
]


def in_reach(officer: User, of: str = "") -> Q:
    """Whether the officer sees a case; `of` leads to it from another row, as `fir__case__` does.

    Every case for the unit; for others, those of districts and stations in their reach. Of
    restricted cases only those that name the officer.
    """
    duty = officer.duty
    seen = Q((f"{of}is_restricted", False))
    if not duty.sees_everything:
        seen &= Q((f"{of}district_id__in", duty.district_ids)) | Q(
            (f"{of}station_id__in", duty.station_ids)
        )
    if duty.case_ids:
        seen |= Q((f"{of}pk__in", duty.case_ids))
    return seen


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(in_reach(officer))

    def open(self) -> Self:
        return self.filter(status__in=[status.value for status in OPEN])

    def awaiting_acknowledgement(self) -> Self:
        return self.filter(status=CaseStatus.HANDED_OVER)

    def awaiting_acceptance(self) -> Self:
        """Seen by the holder, who has yet to say whether it is theirs; since `status_at`."""
        return self.filter(status=CaseStatus.ACKNOWLEDGED)

    def with_places(self) -> Self:
        return self.select_related("district", "station")


def indexes_of_desk(holder: str) -> list[models.Index]:
    """By which an officer's desk and list find the cases of a district or station."""
    waiting = {
        "new": ("handed_over_at", Q(status=CaseStatus.HANDED_OVER)),
        "unproduced": ("unproduced_since", Q(unproduced_since__isnull=False)),
        "uninformed": ("uninformed_since", Q(uninformed_since__isnull=False)),
    }
    return [
        models.Index(fields=[holder, "-status_at", "-id"], name=f"case_newest_by_{holder}"),
        *(
            models.Index(
                fields=[holder, moment, "id"], condition=where, name=f"case_{name}_by_{holder}"
            )
            for name, (moment, where) in waiting.items()
        ),
    ]


class Case(models.Model):
    """Opened from one or more tiplines when they are assigned."""

    district = models.ForeignKey("districts.District", models.PROTECT, related_name="+")
    station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    """Null while the district has yet to name the station."""
    status = models.CharField(max_length=14, choices=STATUS_LABELS)
    status_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    handed_over_at = models.DateTimeField()
    """When the present holder got it: the acknowledgement clock starts here."""
    headline = models.CharField(max_length=300, blank=True)
    """The suspect in one line, from the tipline it was opened from; kept in step with it."""
    urgency = models.SmallIntegerField(default=0)
    """That of the same tipline, kept in step as well."""
    is_restricted = models.BooleanField(default=False)
    """Only officers whom it names see it, its tiplines and all that hangs on them."""
    unproduced_since = models.DateTimeField(null=True)
    """The earliest of its arrests whose production before the Magistrate is not recorded."""
    uninformed_since = models.DateTimeField(null=True)
    """The earliest registration of its FIRs whose informant was not told of progress.

    Both are kept by `services.registering`, so that a desk finds them by its district or station.
    """

    objects = CaseQuerySet.as_manager()

    class Meta:
        permissions = [(SEE_RESTRICTED, "See this restricted case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in CaseStatus]),
                name="case_status_is_known",
            )
        ]
        indexes = [
            # With the columns that row-level security asks for, so that counting reads no rows.
            models.Index(
                fields=["district", "status", "-status_at", "-id"],
                include=["station", "is_restricted"],
                name="case_counts_by_district",
            ),
            models.Index(
                fields=["station", "status", "-status_at", "-id"],
                include=["district", "is_restricted"],
                name="case_counts_by_station",
            ),
            models.Index(fields=["status", "handed_over_at", "id"], name="case_by_status"),
            models.Index(fields=["-status_at", "-id"], name="case_newest"),
            models.Index(fields=["status", "-status_at", "-id"], name="case_newest_by_status"),
            models.Index(fields=["opened_at", "status"], name="case_funnel"),
            *(index for holder in ("district", "station") for index in indexes_of_desk(holder)),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"

    @property
    def is_open(self) -> bool:
        return CaseStatus(self.status) in OPEN


class CaseTipline(models.Model):
    """A tipline in a case, until the case gives it back."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="case_entries")
    added_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """When the holder last said that what had come in about it is known; null since it was added.
    """

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tipline"], condition=Q(left_at__isnull=True), name="tipline_in_one_case"
            )
        ]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} in case {self.case_id}"


class ReturnReason(models.TextChoices):
    """Why a district or station says that a case is not theirs."""

    OTHER_STATION = "other-station", _("The place belongs to another station")
    OTHER_STATE = "other-state", _("The place is outside Delhi")
    PERSON_ELSEWHERE = "person-elsewhere", _("The person lives elsewhere")
    TOO_LITTLE = "too-little", _("Too little to find the person")
    ALREADY_HERE = "already-here", _("The same matter is already under investigation here")


class HandOff(models.Model):
    """One passing of a case to a holder: acknowledged, then accepted, or returned with a reason."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="hand_offs")
    district = models.ForeignKey("districts.District", models.PROTECT, related_name="+")
    station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True)
    """When the holder said that it is theirs; enquiry may start."""
    accepted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=20, choices=ReturnReason.choices, blank=True)
    note = models.TextField(blank=True)
    better_district = models.ForeignKey(
        "districts.District", models.PROTECT, null=True, related_name="+"
    )
    """Where it belongs, as far as whoever returned it knows: a district, perhaps its station …"""
    better_station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    better_state = models.CharField(max_length=60, blank=True)
    """… or another State."""
    gazetteer_version = models.CharField(max_length=40, blank=True)
    """Of the placing that the unit went by when it handed over; empty for hand-offs of a district.
    """
    evidence = ArrayField(models.CharField(max_length=30), default=list)
    """The kinds of evidence by which that placing named this district; none where an officer did.
    """

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | ~Q(reason=""), name="return_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(acknowledged_at__isnull=False),
                name="accepted_is_acknowledged",
            ),
            models.CheckConstraint(
                condition=Q(better_district__isnull=True, better_station__isnull=True)
                | Q(returned_at__isnull=False, better_district__isnull=False, better_state=""),
                name="better_district_of_a_return",
            ),
            models.CheckConstraint(
                condition=Q(better_state="") | Q(returned_at__isnull=False),
                name="better_state_of_a_return",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-at"], name="hand_off_by_case"),
            models.Index(
                fields=["-acknowledged_at", "-id"],
                condition=Q(acknowledged_at__isnull=False, returned_at__isnull=True),
                name="hand_off_acknowledged",
            ),
            models.Index(
                fields=["-accepted_at", "-id"],
                condition=Q(accepted_at__isnull=False, returned_at__isnull=True),
                name="hand_off_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"hand-off of case {self.case_id}"

    @property
    def better_words(self) -> str:
        """The better place in the reader's language; empty where none was named."""
        if self.better_state:
            return state_words(self.better_state)
        places = (self.better_station, self.better_district)
        return ", ".join(place.local_name for place in places if place is not None)
