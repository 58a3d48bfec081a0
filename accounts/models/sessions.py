"""Where officers are signed in, and the tries that failed."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.officers import User


class Ending(models.TextChoices):
    SIGNED_OUT = "signed-out", _("Signed out")
    BY_OFFICER = "by-officer", _("Ended by you")
    TOO_LONG = "too-long", _("Longest time reached")
    PASSWORD = "password", _("Password changed")  # a reason, no secret
    DISABLED = "disabled", _("Access stopped")
    FACTOR = "factor", _("Second factor changed")


class OfficerSessionQuerySet(models.QuerySet["OfficerSession"]):
    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)


class OfficerSession(models.Model):
    """One sign-in in one browser. Django's session holds this row's key; the row decides."""

    officer = models.ForeignKey(User, models.PROTECT, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """The officer's last act, to the minute; polls of a page do not count."""
    locked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    """When the password or a passkey was last given again: to unlock, or for an act that asks."""
    wall_until = models.DateTimeField(null=True, blank=True)
    """Set for a board on a wall: shows the board alone, never locks, and is over then."""
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    factor = models.CharField(max_length=20, blank=True)
    """The second factor given: `app`, `passkey`, `recovery-code`; empty if none was."""

    objects = OfficerSessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["officer", "-began_at", "-id"], name="session_by_officer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ending="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ending="")),
                name="session_ends_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"session {self.pk} of officer {self.officer_id}"


class Step(models.TextChoices):
    PASSWORD = "password", _("Password")  # a step, no secret
    SECOND_FACTOR = "second-factor", _("Second factor")
    PROVIDER = "provider", _("The force's account")


class FailedTry(models.Model):
    """A wrong password or second factor. What was typed is not kept."""

    officer = models.ForeignKey(User, models.PROTECT, null=True, related_name="failed_tries")
    """None: no officer has the number that was typed."""
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, blank=True)
    step = models.CharField(max_length=20, choices=Step.choices)

    class Meta:
        indexes = [
            models.Index(fields=["address", "-at"], name="failed_try_by_address"),
            models.Index(fields=["officer", "-at"], name="failed_try_by_officer"),
        ]

    def __str__(self) -> str:
        return f"failed try {self.pk}"
