"""Bulk acts that end many tiplines, waiting for a second officer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act
from tiplines.models import Tipline
from tiplines.models.decision import CloseReason

if TYPE_CHECKING:
    from accounts.models import User

WAITS_FOR = timedelta(days=7)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, officer: User) -> Self:
        """For the triage desk, those with at least one tipline that the officer sees."""
        if not officer.duty.may(Act.TRIAGE):
            return self.none()
        seen = ProposedTipline.objects.visible_to(officer).filter(proposal=OuterRef("pk"))
        return self.filter(Exists(seen))

    def waiting(self, *, at: datetime) -> Self:
        return self.filter(settled_at__isnull=True, at__gt=at - WAITS_FOR)


class Proposal(models.Model):
    """What one officer wants to do with many tiplines. Nothing changes until another confirms."""

    class Wanted(models.TextChoices):
        CLOSE = "close", _("Close")
        TRANSFER = "transfer", _("Transfer to another State")
        FOLLOW = "follow", _("Close or transfer as their parents were")

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    wanted = models.CharField(max_length=10, choices=Wanted.choices)
    reason = models.CharField(max_length=20, choices=CloseReason.choices, blank=True)
    state_name = models.CharField(max_length=60, blank=True)
    """Empty in a transfer: each to the State found for it."""
    note = models.TextField(blank=True)
    list_query = models.TextField(blank=True)
    """The filter of the list that they were chosen from, as `cases.queue` writes it."""
    is_whole_list = models.BooleanField(default=False)
    """All that the filter let through; else those ticked in it."""
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answer_note = models.TextField(blank=True)
    """Why it was refused."""
    batch = models.UUIDField(null=True)
    """Of the decisions made when it was confirmed."""

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, answer="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer="")),
                name="proposal_settled_in_full",
            ),
            models.CheckConstraint(
                condition=~Q(answer="confirmed")
                | (Q(batch__isnull=False) & ~Q(settled_by=F("by"))),
                name="nobody_confirms_ones_own",
            ),
            models.CheckConstraint(
                condition=~Q(wanted="close") | ~Q(reason=""), name="proposed_closing_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-at"], condition=Q(settled_at__isnull=True), name="proposal_waiting"
            ),
            models.Index(fields=["-settled_at"], name="proposal_settled"),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} to {self.wanted}"

    @property
    def until(self) -> datetime:
        """After it nobody can confirm it any more."""
        return self.at + WAITS_FOR

    def is_waiting(self, *, at: datetime) -> bool:
        return self.settled_at is None and at < self.until


class ProposedTiplineQuerySet(models.QuerySet["ProposedTipline"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(tipline__in=Tipline.objects.visible_to(officer))


class ProposedTipline(models.Model):
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="entries")
    tipline = models.ForeignKey(Tipline, models.PROTECT, related_name="+")

    objects = ProposedTiplineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "tipline"], name="proposed_once")
        ]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} in proposal {self.proposal_id}"
