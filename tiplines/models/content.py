"""What hangs on a tipline: parties, files, identifiers and where they stand, addresses, and the
places that may answer for it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import DateField, DurationField, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from tiplines.minors import ADULT_FROM, INDIA, is_minor
from tiplines.models.tipline import Tipline
from tiplines.networks import NetworkKind
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance

if TYPE_CHECKING:
    from accounts.models import User

PARTY_ROLES = [
    (PartyRole.SUSPECT.value, _("Suspect")),
    (PartyRole.RECIPIENT.value, _("Recipient")),
    (PartyRole.VICTIM.value, _("Victim")),
    (PartyRole.ASSOCIATED.value, _("Associated account")),
    (PartyRole.REPORTER.value, _("Reporting company")),
    (PartyRole.CONTACT.value, _("Company's contact for police")),
    (PartyRole.POLICE.value, _("Police contact")),
]


PROTECTED = (
    Q(role=PartyRole.VICTIM.value)
    | Q(age__lt=ADULT_FROM)
    | Q(date_of_birth__gt=F("born_later_is_minor"))
)


class PartyQuerySet(models.QuerySet["Party"]):
    def protected(self) -> Self:
        """Those of whom `is_protected` is true, by the database."""
        return self.with_majority().filter(PROTECTED)

    def nameable(self) -> Self:
        """The others."""
        return self.with_majority().exclude(PROTECTED)

    def with_majority(self) -> Self:
        day = TruncDate(
            Coalesce("tipline__incident_at", "tipline__ncmec_received_at", "tipline__received_at"),
            tzinfo=INDIA,
        )
        return self.annotate(
            born_later_is_minor=Cast(
                ExpressionWrapper(
                    day
                    - Func(
                        Value(ADULT_FROM),
                        function="make_interval",
                        output_field=DurationField(),
                    ),
                    output_field=models.DateTimeField(),
                ),
                DateField(),
            )
        )


class Party(models.Model):
    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="parties")
    position = models.SmallIntegerField()
    role = models.CharField(max_length=12, choices=PARTY_ROLES)
    name = models.CharField(max_length=500, blank=True)
    display_names = ArrayField(models.CharField(max_length=300), default=list)
    date_of_birth = models.DateField(null=True)
    age = models.SmallIntegerField(null=True)
    place = models.CharField(max_length=300)
    text = models.TextField(blank=True)

    objects = PartyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tipline", "position"], name="party_by_tipline"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="party_name_trigrams"),
        ]

    def __str__(self) -> str:
        return f"party {self.position} of tipline {self.tipline_id}"

    @property
    def is_protected(self) -> bool:
        """A victim, or anyone under 18 by the stated age or, on the day of the incident, by the
        date of birth: the name is masked everywhere (POCSO 23, JJ 74).
        """
        return self.role == PartyRole.VICTIM or is_minor(
            age=self.age, date_of_birth=self.date_of_birth, at=self.tipline.offence_at
        )


class FileRecord(models.Model):
    """What is said about an uploaded file; the file itself is never held."""

    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="files")
    position = models.IntegerField()
    file_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=2056, blank=True)
    classification = models.CharField(max_length=20, blank=True)
    viewed_by_provider = models.BooleanField(null=True)
    publicly_available = models.BooleanField(null=True)
    relevance = models.CharField(max_length=60, blank=True)
    annotations = ArrayField(models.CharField(max_length=80), default=list)
    place = models.CharField(max_length=300)
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["tipline", "position"], name="file_by_tipline")]

    def __str__(self) -> str:
        return f"file {self.position} of tipline {self.tipline_id}"


KINDS = [
    (IdentifierKind.PHONE.value, _("Phone")),
    (IdentifierKind.EMAIL.value, _("E-mail")),
    (IdentifierKind.ACCOUNT.value, _("Account")),
    (IdentifierKind.SCREEN_NAME.value, _("Screen name")),
    (IdentifierKind.IP.value, _("IP address")),
    (IdentifierKind.DEVICE.value, _("Device")),
    (IdentifierKind.HASH.value, _("File hash")),
    (IdentifierKind.URL.value, _("Web address")),
    (IdentifierKind.UPI.value, _("UPI id")),
    (IdentifierKind.PAN.value, _("PAN")),
    (IdentifierKind.VEHICLE.value, _("Vehicle")),
    (IdentifierKind.GROUP.value, _("Group")),
]
PROVENANCES = [
    (Provenance.REPORTED.value, _("reported by the provider")),
    (Provenance.FREE_TEXT.value, _("from free text")),
    (Provenance.NCMEC.value, _("added by NCMEC")),
    (Provenance.LIST.value, _("from the covering list")),
    (Provenance.OFFICER.value, _("added by an officer")),
    (Provenance.REPLY.value, _("from a provider's reply")),
]

NETWORKS = [
    (NetworkKind.PRIVATE.value, _("private")),
    (NetworkKind.RESERVED.value, _("reserved")),
    (NetworkKind.CGNAT.value, _("shared by carrier-grade NAT")),
    (NetworkKind.MOBILE.value, _("mobile")),
    (NetworkKind.FIXED.value, _("fixed line")),
    (NetworkKind.HOSTING.value, _("hosting or proxy")),
]


class Identifier(models.Model):
    """A value by which tiplines can be tied together: one row however often it is seen."""

    kind = models.CharField(max_length=12, choices=KINDS)
    value = models.CharField(max_length=2200)
    digest = models.BinaryField(max_length=16)
    """The first 16 bytes of SHA-256 of kind and value: what makes it unique, at any length."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="identifier_once")]

    def __str__(self) -> str:
        return f"identifier {self.pk} ({self.kind})"

    @staticmethod
    def digest_of(kind: str, value: str) -> bytes:
        """`value` is normalised, fit for the database and in full, though the column be shorter."""
        return hashlib.sha256(f"{kind}\0{value}".encode()).digest()[:16]


class SightingQuerySet(models.QuerySet["Sighting"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(tipline__in=Tipline.objects.visible_to(officer))


class Sighting(models.Model):
    """One identifier at one place of one tipline."""

    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="sightings")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="sightings")
    party = models.ForeignKey(Party, models.CASCADE, null=True, related_name="sightings")
    file = models.ForeignKey(FileRecord, models.CASCADE, null=True, related_name="sightings")
    links = models.BooleanField(default=False)
    """Whether it may tie tiplines together: a suspect's, recipient's or file's, never a
    victim's.
    """
    original = models.TextField()
    label = models.CharField(max_length=255, blank=True)
    provenance = models.CharField(max_length=10, choices=PROVENANCES)
    event = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(null=True)
    at_original = models.CharField(max_length=200, blank=True)
    zone = models.CharField(max_length=10, blank=True)
    port = models.IntegerField(null=True)
    possible_proxy = models.BooleanField(null=True)
    verified = models.BooleanField(null=True)
    network = models.CharField(max_length=12, choices=NETWORKS, blank=True)
    """What kind of network an IP address belongs to; empty where no table says."""
    operator = models.CharField(max_length=120, blank=True)
    network_as_of = models.DateField(null=True)
    """The day of the table that answered."""
    place = models.CharField(max_length=300)

    objects = SightingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["identifier", "tipline"], condition=Q(links=True), name="sighting_linking"
            ),
            models.Index(fields=["identifier", "-id"], name="sighting_by_identifier"),
            models.Index(fields=["tipline"], name="sighting_by_tipline"),
        ]

    def __str__(self) -> str:
        return f"sighting {self.pk} in tipline {self.tipline_id}"


class Address(models.Model):
    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="addresses")
    party = models.ForeignKey(Party, models.CASCADE, null=True, related_name="addresses")
    label = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    city = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=60, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    provenance = models.CharField(max_length=10, choices=PROVENANCES)
    place = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["tipline"], name="address_by_tipline")]

    def __str__(self) -> str:
        return f"address {self.pk} of tipline {self.tipline_id}"


class Candidate(models.Model):
    """A district, and where possible a station, that may answer for a tipline."""

    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="candidates")
    rank = models.SmallIntegerField()
    district = models.ForeignKey("districts.District", models.PROTECT)
    station = models.ForeignKey("districts.PoliceStation", models.PROTECT, null=True)
    share = models.FloatField()
    """0 to 1: how much of the evidence points here."""
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tipline", "rank"], name="candidate_rank_once"),
        ]

    def __str__(self) -> str:
        return f"candidate {self.rank} of tipline {self.tipline_id}"
