"""FIR, accused and arrest: the outcome that the board counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import RANK_CHOICES
from cases.models.case import Case, in_reach
from tiplines.covering import COVER
from tiplines.minors import ADULT_FROM
from tiplines.models.sealable import Sealable

if TYPE_CHECKING:
    from accounts.models import User


class FirKind(models.TextChoices):
    REGULAR = "regular", _("Regular")
    ZERO = "zero", _("Zero FIR")


class FirQuerySet(models.QuerySet["Fir"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(in_reach(officer, "case__"))


class Fir(models.Model):
    """A First Information Report. Sensitive by its nature: never shown on a public site."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="firs")
    kind = models.CharField(max_length=8, choices=FirKind.choices, default=FirKind.REGULAR)
    number = models.PositiveIntegerField(_("FIR number"))
    year = models.PositiveSmallIntegerField()
    """The year of registration in India."""
    station = models.ForeignKey("districts.PoliceStation", models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(_("registered"))
    sections = ArrayField(models.CharField(max_length=20))
    """Codes of `cases.statutes`."""
    investigating_officer = models.CharField(_("investigating officer"), max_length=150)
    officer_rank = models.CharField(_("rank"), max_length=20, choices=RANK_CHOICES)
    informed_at = models.DateTimeField(_("informant told of progress"), null=True, blank=True)
    """BNSS 193(3)(ii); the clock of 90 days stops here."""
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = FirQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "year", "number", "kind"], name="fir_number_once_a_year"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="fir_number_from_1"),
            models.CheckConstraint(condition=~Q(sections=[]), name="fir_has_sections"),
        ]
        indexes = [
            models.Index(fields=["-registered_at", "-id"], name="fir_newest"),
            models.Index(fields=["case"], name="fir_by_case"),
        ]

    def __str__(self) -> str:
        return f"FIR {self.label}"

    @property
    def label(self) -> str:
        """As it is written: 0512/2026."""
        return f"{self.number:04d}/{self.year}"


class AccusedQuerySet(models.QuerySet["Accused"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(in_reach(officer, "fir__case__"))


class Accused(Sealable):
    """Who is named in an FIR. What names a child in conflict with law lies sealed (JJ Act 74)."""

    bound_to = "fir_id"

    fir = models.ForeignKey(Fir, models.PROTECT, related_name="accused")
    name = models.CharField(_("name"), max_length=200)
    age = models.PositiveSmallIntegerField(_("age at the offence"), null=True, blank=True)
    address = models.TextField(_("address"), blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = AccusedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(age=None)
                | Q(age__gte=ADULT_FROM)
                | Q(name=COVER, address__in=["", COVER]),
                name="accused_child_is_covered",
            )
        ]

    def __str__(self) -> str:
        return f"accused {self.pk} in FIR {self.fir_id}"

    @staticmethod
    def about_of(bound: int) -> str:
        return f"fir:{bound}"

    @property
    def shown_name(self) -> str:
        """The name, or that it is withheld: a child's is not shown (JJ Act s. 74)."""
        if self.is_minor:
            return gettext("Child in conflict with law %(key)s, name withheld") % {"key": self.pk}
        return self.name

    @property
    def is_minor(self) -> bool:
        return is_child(self.age)


def is_child(age: int | None) -> bool:
    """By the age at the offence; None where it is not known."""
    return age is not None and age < ADULT_FROM


class ArrestQuerySet(models.QuerySet["Arrest"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(in_reach(officer, "accused__fir__case__"))


class Arrest(models.Model):
    """An arrest; BNSS 58 asks for production before a Magistrate within 24 hours."""

    accused = models.OneToOneField(Accused, models.PROTECT, related_name="arrest")
    arrested_at = models.DateTimeField(_("arrested"))
    place = models.CharField(_("place"), max_length=300)
    arrested_by = models.CharField(_("arrested by"), max_length=150)
    produced_at = models.DateTimeField(_("produced before the Magistrate"), null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = ArrestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-arrested_at", "-id"], name="arrest_newest"),
        ]

    def __str__(self) -> str:
        return f"arrest {self.pk}"
