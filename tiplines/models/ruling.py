"""What supervisors set about whose a tipline is, two of them for each: the rules, every set there
ever was, and the reorganisations of stations and areas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act
from districts.models import GazetteerVersion
from districts.rules import Rules
from tiplines.models.tipline import Tipline

if TYPE_CHECKING:
    from accounts.models import User


_Row = TypeVar("_Row", bound="Proposed")


class ProposedQuerySet(models.QuerySet[_Row]):
    def visible_to(self, officer: User) -> Self:
        return self if officer.duty.may(Act.SUPERVISE) else self.none()

    def waiting(self) -> Self:
        """Proposed and not answered; one at most."""
        return self.filter(settled_at__isnull=True)


class Proposed(models.Model):
    """What one supervisor proposed, the workers try on tiplines and another confirms."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    why = models.TextField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answer_note = models.TextField(blank=True)
    """Why it was refused."""
    next_key = models.BigIntegerField(null=True)
    """The trial goes on below this key of a tipline; null before it began."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    replayed_at = models.DateTimeField(null=True)
    """When the trial was through."""

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return self.settled_at is None


SETTLED_IN_FULL = Q(settled_at__isnull=True, settled_by__isnull=True, answer="") | (
    Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer="")
)
CONFIRMED_BY_ANOTHER = ~Q(answer="confirmed") | ~Q(settled_by=F("by"))


class RuleSetQuerySet(ProposedQuerySet["RuleSet"]):
    def in_force(self) -> Self:
        """One at most; none while the rules are those that the system starts with."""
        return self.filter(from_at__isnull=False, until_at__isnull=True)

    def due_for_trial(self, *, gazetteer: int) -> Self:
        """Waiting, and not tried through by this version of the gazetteer."""
        return self.waiting().exclude(replayed_at__isnull=False, gazetteer_version=gazetteer)


class RuleSet(Proposed):
    """Rules that one supervisor proposed. They are in force once another has confirmed them, until
    the next ones are. What they say is never changed.
    """

    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    """What `Rules.as_data` gives."""
    back_to = models.PositiveIntegerField(null=True)
    """Number of the earlier rules whose content this is again; 0 for those of the start."""
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

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="rule_set_number_from_1"),
            models.CheckConstraint(condition=~Q(why=""), name="rule_set_says_why"),
            models.CheckConstraint(condition=SETTLED_IN_FULL, name="rule_set_settled_in_full"),
            models.CheckConstraint(
                condition=CONFIRMED_BY_ANOTHER, name="nobody_confirms_ones_own_rules"
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
    def is_in_force(self) -> bool:
        return self.from_at is not None and self.until_at is None


class ReorganisationQuerySet(ProposedQuerySet["Reorganisation"]):
    def open(self) -> Self:
        """Proposed, or confirmed for a day to come; one at most."""
        return self.filter(
            answer__in=["", "confirmed"], called_off_at__isnull=True, in_force_at__isnull=True
        )

    def for_list(self) -> Self:
        """Without the columns that may hold megabytes."""
        return self.defer("areas", "places")

    def due_for_trial(self, *, rules: int, gazetteer: int) -> Self:
        """Waiting, not tried through by these rules, and not made for an earlier gazetteer."""
        fitting = Q(version__isnull=False) | Q(base_number=gazetteer)
        waiting = self.waiting().filter(fitting)
        return waiting.exclude(replayed_at__isnull=False, rules_number=rules)


class Reorganisation(Proposed):
    """Stations that open and close and new areas, from a day on. Confirmed, it comes in force by
    the workers on its day, unless it is called off before.
    """

    number = models.PositiveIntegerField(unique=True)
    from_on = models.DateField()
    source = models.CharField(max_length=200)
    """Where the areas come from."""
    opens = models.JSONField()
    """As `reorganising.Opened`."""
    closes = models.JSONField()
    """Codes of stations."""
    areas = models.JSONField(null=True)
    """Station code to geometry, until the workers have put them into the version."""
    back_to = models.PositiveIntegerField(null=True)
    """Number of the gazetteer that comes back as it was."""
    base_number = models.PositiveIntegerField()
    """The gazetteer in force when it was proposed."""
    version = models.OneToOneField(
        GazetteerVersion, models.SET_NULL, null=True, related_name="reorganisation"
    )
    """What was tried and comes in force: made by the workers, forgotten when nothing comes of it.
    """
    called_off_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_note = models.TextField(blank=True)
    in_force_at = models.DateTimeField(null=True)

    rules_number = models.PositiveIntegerField(null=True)
    """The rules by which it was tried; others in force since start the trial again."""
    places = models.JSONField(default=dict)
    """What `remapping.Preview` gives of localities and PINs, and how many tiplines stay where."""

    objects = ReorganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="reorganisation_from_1"),
            models.CheckConstraint(condition=~Q(why=""), name="reorganisation_says_why"),
            models.CheckConstraint(
                condition=SETTLED_IN_FULL, name="reorganisation_settled_in_full"
            ),
            models.CheckConstraint(
                condition=CONFIRMED_BY_ANOTHER, name="nobody_confirms_ones_own_stations"
            ),
            models.CheckConstraint(
                condition=~Q(answer="confirmed") | Q(replayed_at__isnull=False),
                name="confirmed_stations_were_tried",
            ),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True, called_off_by__isnull=True)
                | (
                    Q(answer="confirmed", in_force_at__isnull=True)
                    & Q(called_off_at__isnull=False, called_off_by__isnull=False)
                    & ~Q(called_off_note="")
                ),
                name="called_off_in_full",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at__isnull=True) | Q(answer="confirmed"),
                name="stations_in_force_are_confirmed",
            ),
            models.UniqueConstraint(
                fields=["answer"],
                condition=Q(
                    answer__in=["", "confirmed"],
                    called_off_at__isnull=True,
                    in_force_at__isnull=True,
                ),
                name="one_reorganisation_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"reorganisation {self.number}"

    @property
    def awaits_its_day(self) -> bool:
        return (
            self.answer == self.Answer.CONFIRMED
            and self.called_off_at is None
            and self.in_force_at is None
        )


class RuleMoveQuerySet(models.QuerySet["RuleMove"]):
    def visible_to(self, officer: User) -> Self:
        if not officer.duty.may(Act.SUPERVISE):
            return self.none()
        return self.filter(tipline__in=Tipline.objects.visible_to(officer))


class RuleMove(models.Model):
    """A tipline that proposed rules, or proposed stations and areas, would answer otherwise than
    those in force.
    """

    class Part(models.TextChoices):
        OUTCOME = "outcome", _("Delhi or not")
        ANSWER = "answer", _("assigned or looked at")
        STATION = "station", _("station")
        REGISTERING = "registering", _("registering station")

    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, null=True, related_name="moves", db_index=False
    )
    reorganisation = models.ForeignKey(
        Reorganisation, models.PROTECT, null=True, related_name="moves", db_index=False
    )
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
            models.UniqueConstraint(
                fields=["reorganisation", "tipline"], name="moved_once_by_stations"
            ),
            models.CheckConstraint(
                condition=Q(rule_set__isnull=False, reorganisation__isnull=True)
                | Q(rule_set__isnull=True, reorganisation__isnull=False),
                name="moved_by_rules_or_stations",
            ),
        ]

    def __str__(self) -> str:
        return f"tipline {self.tipline_id} moves"
