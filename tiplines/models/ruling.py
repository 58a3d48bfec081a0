"""The rules about whose a tipline is, as supervisors set them: every set there ever was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act
from districts.rules import Rules
from tiplines.models.tipline import Tipline

if TYPE_CHECKING:
    from accounts.models import User


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, officer: User) -> Self:
        return self if officer.duty.may(Act.SUPERVISE) else self.none()

    def in_force(self) -> Self:
        """One at most; none while the rules are those that the system starts with."""
        return self.filter(from_at__isnull=False, until_at__isnull=True)

    def waiting(self) -> Self:
        """Proposed and not answered; one at most."""
        return self.filter(settled_at__isnull=True)

    def due_for_trial(self, *, gazetteer: int) -> Self:
        """Waiting, and not tried through by this version of the gazetteer."""
        return self.waiting().exclude(replayed_at__isnull=False, gazetteer_version=gazetteer)


class RuleSet(models.Model):
    """Rules that one supervisor proposed. They are in force once another has confirmed them, until
    the next ones are. What they say is never changed.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    """What `Rules.as_data` gives."""
    why = models.TextField()
    back_to = models.PositiveIntegerField(null=True)
    """Number of the earlier rules whose content this is again; 0 for those of the start."""
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answer_note = models.TextField(blank=True)
    """Why it was refused."""
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)

    # What it would have changed, tried on past tiplines by the workers
    period_from = models.DateTimeField()
    period_until = models.DateTimeField()
    """Those received in this period, the end excluded."""
    base_number = models.PositiveIntegerField()
    """The rules that it was compared with: those in force when it was proposed."""
    gazetteer_version = models.PositiveIntegerField(null=True)
    """By which both were tried; another one in force since starts the trial again."""
    next_key = models.BigIntegerField(null=True)
    """The trial goes on below this key of a tipline; null before it began."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    replayed_at = models.DateTimeField(null=True)
    """When the trial was through."""

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="rule_set_number_from_1"),
            models.CheckConstraint(condition=~Q(why=""), name="rule_set_says_why"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, answer="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer="")),
                name="rule_set_settled_in_full",
            ),
            models.CheckConstraint(
                condition=~Q(answer="confirmed") | ~Q(settled_by=F("by")),
                name="nobody_confirms_ones_own_rules",
            ),
            models.CheckConstraint(
                condition=Q(answer="confirmed", from_at__isnull=False, replayed_at__isnull=False)
                | (~Q(answer="confirmed") & Q(from_at__isnull=True, until_at__isnull=True)),
                name="rules_in_force_are_confirmed",
            ),
            models.UniqueConstraint(
                fields=["answer"], condition=Q(answer=""), name="one_rule_set_waits"
            ),
            models.UniqueConstraint(
                fields=["answer"],
                condition=Q(answer="confirmed", until_at__isnull=True),
                name="one_rule_set_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"rules {self.number}"

    @property
    def rules(self) -> Rules:
        """Raises districts.rules.UnusableRules."""
        return Rules.from_data(self.content, number=self.number)

    @property
    def is_waiting(self) -> bool:
        return self.settled_at is None

    @property
    def is_in_force(self) -> bool:
        return self.from_at is not None and self.until_at is None


class RuleMoveQuerySet(models.QuerySet["RuleMove"]):
    def visible_to(self, officer: User) -> Self:
        if not officer.duty.may(Act.SUPERVISE):
            return self.none()
        return self.filter(tipline__in=Tipline.objects.visible_to(officer))


class RuleMove(models.Model):
    """A tipline that proposed rules would answer otherwise than those in force."""

    class Part(models.TextChoices):
        OUTCOME = "outcome", _("Delhi or not")
        ANSWER = "answer", _("assigned or looked at")
        STATION = "station", _("station")
        REGISTERING = "registering", _("registering station")

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="moves", db_index=False)
    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="+")
    before = models.JSONField()
    """By part: a value of `Outcome`, of `Answer`, codes of stations."""
    after = models.JSONField()
    parts = ArrayField(models.CharField(max_length=12, choices=Part.choices))
    """Which of them differ."""

    objects = RuleMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "tipline"], name="moved_once_by_rules"),
        ]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} by rules {self.rule_set_id}"
