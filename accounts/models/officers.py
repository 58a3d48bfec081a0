"""Officers, what they are posted to and from when to when, and keys for machines."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.duty import NO_DUTY, Duty
from accounts.roles import Rank, Role

RANK_LABELS = {
    Rank.CONSTABLE: _("Constable"),
    Rank.HEAD_CONSTABLE: _("Head Constable"),
    Rank.ASSISTANT_SUB_INSPECTOR: _("Assistant Sub-Inspector"),
    Rank.SUB_INSPECTOR: _("Sub-Inspector"),
    Rank.INSPECTOR: _("Inspector"),
    Rank.ASSISTANT_COMMISSIONER: _("Assistant Commissioner"),
    Rank.ADDITIONAL_DEPUTY_COMMISSIONER: _("Additional Deputy Commissioner"),
    Rank.DEPUTY_COMMISSIONER: _("Deputy Commissioner"),
    Rank.JOINT_COMMISSIONER: _("Joint Commissioner"),
    Rank.SPECIAL_COMMISSIONER: _("Special Commissioner"),
}
ROLE_LABELS = {
    Role.ANALYST: _("Analyst"),
    Role.SUPERVISOR: _("Unit supervisor"),
    Role.DISTRICT: _("District officer"),
    Role.STATION: _("Station officer"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}
RANK_CHOICES = [(rank.value, label) for rank, label in RANK_LABELS.items()]
ROLE_CHOICES = [(role.value, label) for role, label in ROLE_LABELS.items()]


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An officer. What one may do now is `duty`, taken up by the middleware from the posting."""

    username = models.CharField(_("belt or PIS number"), max_length=150, unique=True)
    full_name = models.CharField(_("name"), max_length=150)
    rank = models.CharField(_("rank"), max_length=20, choices=RANK_CHOICES)
    language = models.CharField(_("language"), max_length=5, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    password_is_temporary = models.BooleanField(default=False)
    """Set by an administrator: until it is changed, no page but the password form opens."""
    created_at = models.DateTimeField(auto_now_add=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    """When an administrator last unlocked the account, counted as a sign-in for dormancy."""
    factors_reset_at = models.DateTimeField(null=True, blank=True)
    """When an administrator last removed all second factors; told at the next sign-in."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name", "rank"]

    objects = UserManager()
    duty: Duty = NO_DUTY

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rank__in=[rank.value for rank in Rank]), name="user_rank_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"officer {self.username}"

    @property
    def title(self) -> str:
        return f"{RANK_LABELS[Rank(self.rank)]} {self.full_name}"


class PostingQuerySet(models.QuerySet["Posting"]):
    def in_force(self, *, on: date) -> Self:
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), from_on__lte=on)

    def in_force_from(self, day: date) -> Self:
        """In force on that day, or on any later one."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=day))


class Posting(models.Model):
    """What an officer is posted to, day by day. The last day counts."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES)
    district = models.ForeignKey("districts.District", models.PROTECT, null=True, blank=True)
    station = models.ForeignKey("districts.PoliceStation", models.PROTECT, null=True, blank=True)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-from_on"], name="posting_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="posting_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=(
                    Q(role=Role.DISTRICT.value, district__isnull=False, station__isnull=True)
                )
                | Q(role=Role.STATION.value, district__isnull=True, station__isnull=False)
                | (
                    ~Q(role__in=[Role.DISTRICT.value, Role.STATION.value])
                    & Q(district__isnull=True, station__isnull=True)
                ),
                name="posting_place_fits_role",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(until_on__isnull=True),
                name="one_open_posting_per_user",
            ),
        ]

    def __str__(self) -> str:
        return f"posting {self.pk}: {self.role}"


class Certification(models.Model):
    """An administrator's word that an officer still needs a posting."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="certifications")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["posting", "-at"], name="certification_by_posting")]

    def __str__(self) -> str:
        return f"certification {self.pk} of posting {self.posting_id}"


class ApiToken(models.Model):
    """A key by which a machine acts as an officer, for one purpose. Only its digest is kept."""

    officer = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    route = models.CharField(max_length=100)
    """The one route it opens, e.g. `api:dispatches`."""
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk}: {self.name}"
