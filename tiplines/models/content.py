"""What hangs on a tipline: parties, files, identifiers and where they stand, addresses, and the
places that may answer for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tiplines.covering import COVER
from tiplines.minors import ADULT_FROM
from tiplines.models.sealable import OfATipline, Sealable
from tiplines.models.tipline import Tipline
from tiplines.networks import NetworkKind, subscriber_network
from tiplines.parsing.normalising import fold
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance
from tiplines.pdq import bits_of, chunks_of
from tiplines.sealing import index, number

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


class PartyQuerySet(models.QuerySet["Party"]):
    def protected(self) -> Self:
        return self.filter(is_protected=True)

    def nameable(self) -> Self:
        """The others."""
        return self.filter(is_protected=False)

    def called(self, name: str) -> Self:
        """The protected ones of exactly this name; nothing else finds them."""
        return self.protected().filter(name_keys__overlap=name_keys([name]))


class Party(OfATipline):
    tipline = models.ForeignKey(Tipline, models.CASCADE, related_name="parties")
    position = models.SmallIntegerField()
    role = models.CharField(max_length=12, choices=PARTY_ROLES)
    name = models.CharField(max_length=500, blank=True)
    display_names = ArrayField(models.CharField(max_length=300), default=list)
    date_of_birth = models.DateField(null=True)
    age = models.SmallIntegerField(null=True)
    place = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    is_protected = models.BooleanField(default=False)
    """A victim, or anyone under 18 by the stated age or, on the day of the incident, by the date of
    birth: the name is masked everywhere (POCSO 23, JJ 74), and lies sealed here.
    """
    name_keys = ArrayField(models.CharField(max_length=32), default=list)
    """By which the exact name of a protected party can be looked for: keyed digests."""
    sound = models.BigIntegerField(null=True)
    """Of the name of another one, as `tiplines.sounding` has it."""

    objects = PartyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["tipline", "position"], name="party_by_tipline"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="party_name_trigrams"),
            GinIndex(
                fields=["name_keys"], condition=Q(is_protected=True), name="party_by_name_key"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_protected=True)
                | (~Q(role=PartyRole.VICTIM.value) & (Q(age=None) | Q(age__gte=ADULT_FROM))),
                name="party_victims_and_minors_are_protected",
            ),
            models.CheckConstraint(
                condition=Q(is_protected=False)
                | Q(name__in=["", COVER], display_names=[], date_of_birth=None, text=""),
                name="party_protected_is_covered",
            ),
        ]

    def __str__(self) -> str:
        return f"party {self.position} of tipline {self.tipline_id}"


def name_keys(names: Iterable[str]) -> list[str]:
    """By which these names are looked for, however they are spelt in capitals and spaces."""
    folded = sorted({fold(name) for name in names} - {""})
    return [index(f"name\0{name}").hex() for name in folded]


class FileRecord(OfATipline):
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


class Identifier(Sealable):
    """A value by which tiplines can be tied together: one row however often it is seen.

    Once a protected person has it, the value is sealed, and stays so.
    """

    bound_to = "digest"
    kind = models.CharField(max_length=12, choices=KINDS)
    value = models.CharField(max_length=2200)
    digest = models.BinaryField(max_length=16)
    """A keyed digest of kind and value: what makes it unique, at any length."""
    network = models.BigIntegerField(null=True)
    """Of an IPv6 address, a number of its subscriber's network (`tiplines.networks`)."""
    chunks = ArrayField(models.IntegerField(), null=True)
    """Of a PDQ hash, by which those that are near it are found (`tiplines.pdq`)."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="identifier_once")]
        indexes = [
            models.Index(
                fields=["network"],
                condition=Q(network__isnull=False),
                name="identifier_by_network",
            ),
            GinIndex(
                fields=["chunks"],
                condition=Q(chunks__isnull=False),
                name="identifier_by_chunk",
            ),
        ]

    def __str__(self) -> str:
        return f"identifier {self.pk} ({self.kind})"

    @staticmethod
    def about_of(bound: bytes | memoryview) -> str:
        return f"identifier:{bound.hex()}"

    @staticmethod
    def network_of(kind: str, value: str) -> int | None:
        network = subscriber_network(value) if kind == IdentifierKind.IP else ""
        return number(f"network\0{network}") if network else None

    @staticmethod
    def chunks_in(kind: str, value: str) -> list[int] | None:
        bits = bits_of(value) if kind == IdentifierKind.HASH else None
        return None if bits is None else chunks_of(bits)

    @staticmethod
    def digest_of(kind: str, value: str) -> bytes:
        """`value` is normalised, fit for the database and in full, though the column be shorter."""
        return index(f"{kind}\0{value}")


class SightingQuerySet(models.QuerySet["Sighting"]):
    def visible_to(self, officer: User) -> Self:
        return self.filter(tipline__in=Tipline.objects.visible_to(officer))


class Sighting(OfATipline):
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
            models.Index(
                fields=["identifier", "at"],
                condition=Q(links=True, port__isnull=False),
                name="sighting_of_session",
            ),
            models.Index(fields=["tipline"], name="sighting_by_tipline"),
        ]

    def __str__(self) -> str:
        return f"sighting {self.pk} in tipline {self.tipline_id}"


class Address(OfATipline):
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
    sound = models.BigIntegerField(null=True)
    """Of a party that is not protected, as `tiplines.sounding` has it."""
    place = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["tipline"], name="address_by_tipline")]

    def __str__(self) -> str:
        return f"address {self.pk} of tipline {self.tipline_id}"


class KeptBasis(models.Model):
    """What the locator read and said of a tipline when it last located it."""

    tipline = models.OneToOneField(Tipline, models.CASCADE, related_name="kept_basis")
    sealed_basis = models.BinaryField()
    """`districts.replaying.Basis` as JSON: addresses stand in it."""

    def __str__(self) -> str:
        return f"basis of tipline {self.tipline_id}"


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
