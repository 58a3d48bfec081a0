"""Restricted cases: why, who asked for access, and who took it without being named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act
from cases.models.case import Case

if TYPE_CHECKING:
    from accounts.models import User


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def known_to(self, officer: User) -> Self:
        """Those of whose existence the officer may know: in reach and not hidden, or naming the
        officer.
        """
        duty = officer.duty
        known = Q(hides_existence=False)
        if not duty.sees_everything:
            known &= Q(district_id__in=duty.district_ids) | Q(station_id__in=duty.station_ids)
        if duty.case_ids:
            known |= Q(case_id__in=duty.case_ids)
        return self.filter(known, lifted_at__isnull=True)


class Restriction(models.Model):
    """From when to when a case is seen by named officers only."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="restrictions")
    district = models.ForeignKey("districts.District", models.PROTECT, related_name="+")
    station = models.ForeignKey(
        "districts.PoliceStation", models.PROTECT, null=True, related_name="+"
    )
    """Where the case is held, kept in step: the case itself is not there to be asked."""
    hides_existence = models.BooleanField(_("hide that it exists"), default=False)
    reason = models.TextField(_("reason"))
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    """Who answers requests and reviews break-glass access."""
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(lifted_at__isnull=True), name="restricted_once"
            )
        ]

    def __str__(self) -> str:
        return f"restriction of case {self.case_id}"


class AccessQuerySet(models.QuerySet["Access"]):
    def awaiting(self, officer: User) -> Self:
        """What awaits the officer's answer, as `services.restricting.may_answer` has it."""
        if not officer.duty.may(Act.RESTRICT):
            return self.none()
        mine = (
            Q(owner=officer)
            | Q(case_id__in=officer.duty.case_ids)
            | Q(kind=Access.Kind.BREAK_GLASS)
        )
        return self.filter(mine, answered_at__isnull=True).exclude(officer=officer)


class Access(models.Model):
    """A request for access to a restricted case, or access taken at once by breaking the glass."""

    class Kind(models.TextChoices):
        REQUEST = "request", _("Request for access")
        BREAK_GLASS = "break-glass", _("Break-glass access")

    class Answer(models.TextChoices):
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        JUSTIFIED = "justified", _("Justified")
        NOT_JUSTIFIED = "not-justified", _("Not justified")

    case = models.ForeignKey(Case, models.PROTECT, related_name="accesses")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    officer = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    """The restriction's, who answers."""
    reason = models.TextField(_("reason"))
    at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    """Of break-glass access."""
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=14, choices=Answer.choices, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="access_answered_in_full",
            ),
            models.CheckConstraint(
                condition=Q(kind="request", until_at__isnull=True)
                | Q(kind="break-glass", until_at__isnull=False),
                name="break_glass_has_an_end",
            ),
            models.UniqueConstraint(
                fields=["case", "officer"],
                condition=Q(answered_at__isnull=True, kind="request"),
                name="one_open_request",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-at"], condition=Q(answered_at__isnull=True), name="access_awaiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to case {self.case_id}"
