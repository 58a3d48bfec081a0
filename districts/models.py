"""Who answers for which part of Delhi: reference rows, loaded by `manage.py load_gazetteer`."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

PIN_PATTERN = r"^[1-9][0-9]{5}$"


WORK_CASES = (("work_cases", "May work the cases of this place"),)
"""Granted to the group of a posting, on the one district or station of that posting."""


class GazetteerVersionQuerySet(models.QuerySet["GazetteerVersion"]):
    def waiting(self) -> Self:
        """A reorganisation whose day has not come; one at most."""
        return self.filter(from_on__isnull=False, applied_at__isnull=True)

    def newest(self) -> GazetteerVersion | None:
        """The one in force, with the digest of its snapshot."""
        in_force = self.exclude(from_on__isnull=False, applied_at__isnull=True)
        with_digest = in_force.select_related("snapshot").defer("snapshot__content")
        return with_digest.order_by("-number").first()


class GazetteerVersion(models.Model):
    """One state of the reference data. Every answer of the locator names the number it used."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    digest = models.CharField(_("digest of the reference files"), max_length=64)
    layer_digest = models.CharField(_("digest of the boundary layer"), max_length=64, blank=True)
    loaded_at = models.DateTimeField(_("loaded at"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    from_on = models.DateField(_("in force from"), null=True)
    """The day of a reorganisation; null for what was in force when it was loaded."""
    applied_at = models.DateTimeField(null=True)
    """When the reorganisation came in force; before it the version only waits."""
    opens = models.JSONField(default=list)
    """Stations that the reorganisation opens, as `reorganising.Opened`."""
    closes = models.JSONField(default=list)
    """Codes of the stations that it closes."""

    objects = GazetteerVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("gazetteer version")
        verbose_name_plural = _("gazetteer versions")
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="gazetteer_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"gazetteer {self.number}"


class GazetteerSnapshot(models.Model):
    """What a version was built from, whole: its answers can be given again when the tables have
    changed. Written once, by the load commands.
    """

    version = models.OneToOneField(
        GazetteerVersion,
        models.PROTECT,
        related_name="snapshot",
        verbose_name=_("gazetteer version"),
    )
    digest = models.CharField(_("digest"), max_length=64)
    """SHA-256 of the canonical JSON, before it is packed."""
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("snapshot of a gazetteer version")
        verbose_name_plural = _("snapshots of gazetteer versions")

    def __str__(self) -> str:
        return f"snapshot {self.version_id}"


class GazetteerRow(models.Model):
    """A row that came from a file; `version` is the state of the data that last changed it."""

    version = models.ForeignKey(
        GazetteerVersion, models.PROTECT, related_name="+", verbose_name=_("gazetteer version")
    )

    class Meta:
        abstract = True


_Row = TypeVar("_Row", bound="Dated")


class DatedQuerySet(models.QuerySet[_Row]):
    def in_force(self, on: date) -> Self:
        """Rows in force on a day; an empty limit is open."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        )


class Dated(GazetteerRow):
    """A row that exists from a day (inclusive) to a day (exclusive); `None` is an open end."""

    name = models.CharField(_("name"), max_length=120)
    name_hi = models.CharField(_("name in Hindi"), max_length=120, blank=True)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(_("in force until"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="%(class)s_ends_after_it_starts",
            ),
        ]

    def is_in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or self.valid_to > on
        )

    @property
    def local_name(self) -> str:
        """The name in the reader's language; English where the Hindi name is not known."""
        return self.name_hi or self.name if (get_language() or "").startswith("hi") else self.name


class DistrictKind(models.TextChoices):
    TERRITORIAL = "territorial", _("Territorial district")
    AIRPORT = "unit_airport", _("Airport unit")
    RAILWAYS = "unit_railways", _("Railways unit")
    METRO = "unit_metro", _("Metro unit")
    SPECIAL = "unit_special", _("Special unit")


class DistrictQuerySet(DatedQuerySet["District"]):
    def territorial(self) -> Self:
        """The districts that answer for an area; units with stations of their own are left out."""
        return self.filter(kind=DistrictKind.TERRITORIAL)


class District(Dated):
    """A police district. Revenue districts of the same name are something else."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=DistrictKind.choices)
    range_name = models.CharField(_("range"), max_length=60, blank=True)
    cctns_code = models.CharField(_("CCTNS code"), max_length=7, blank=True)
    centre_lat = models.FloatField(_("latitude of the centre"), null=True, blank=True)
    centre_lon = models.FloatField(_("longitude of the centre"), null=True, blank=True)

    objects = DistrictQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        permissions = WORK_CASES
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=DistrictKind.values), name="district_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"district {self.code}"

    @property
    def centre(self) -> tuple[float, float] | None:
        """Latitude and longitude: the mean of the area points of its stations. None for units."""
        if self.centre_lat is None or self.centre_lon is None:
            return None
        return self.centre_lat, self.centre_lon


class SubDivisionQuerySet(DatedQuerySet["SubDivision"]):
    pass


class SubDivision(Dated):
    """The area of an Assistant Commissioner: a few stations of one district."""

    district = models.ForeignKey(
        District, models.PROTECT, related_name="sub_divisions", verbose_name=_("district")
    )

    objects = SubDivisionQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("sub-division")
        verbose_name_plural = _("sub-divisions")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint("district", "name", name="sub_division_named_once_in_district"),
        ]

    def __str__(self) -> str:
        return f"sub-division {self.name}"


class StationKind(models.TextChoices):
    TERRITORIAL = "territorial", _("Territorial")
    CYBER = "cyber", _("Cyber")
    AIRPORT = "airport", _("Airport")
    METRO = "metro", _("Metro")
    RAILWAY = "railway", _("Railway")
    SPECIAL = "special", _("Special")
    EVENT = "event", _("Event")


MAPPED_KINDS = (StationKind.TERRITORIAL, StationKind.AIRPORT)
"""Stations with an area of their own; the locator ranks these."""


class StationStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    EVENT_ONLY = "event-only", _("During an event only")


class PoliceStationQuerySet(DatedQuerySet["PoliceStation"]):
    def territorial(self) -> Self:
        """Stations that answer for an area of residences."""
        return self.filter(kind=StationKind.TERRITORIAL)

    def cyber(self) -> Self:
        """The district cyber stations, each of which has its whole police district."""
        return self.filter(kind=StationKind.CYBER)


class PoliceStation(Dated):
    """A station. The building may stand outside its own area: never route by `lat`, `lon`."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    district = models.ForeignKey(
        District, models.PROTECT, related_name="stations", verbose_name=_("district")
    )
    sub_division = models.ForeignKey(
        SubDivision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stations",
        verbose_name=_("sub-division"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=StationKind.choices)
    status = models.CharField(
        _("status"), max_length=20, choices=StationStatus.choices, default=StationStatus.ACTIVE
    )
    cctns_code = models.CharField(_("CCTNS code"), max_length=7, blank=True)
    lat = models.FloatField(_("latitude of the building"), null=True, blank=True)
    lon = models.FloatField(_("longitude of the building"), null=True, blank=True)
    area_lat = models.FloatField(_("latitude of a point in the area"), null=True, blank=True)
    area_lon = models.FloatField(_("longitude of a point in the area"), null=True, blank=True)
    area_sqkm = models.FloatField(_("area in square kilometres"), null=True, blank=True)
    parents = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="newer_stations",
        verbose_name=_("carved out of"),
    )

    objects = PoliceStationQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("police station")
        verbose_name_plural = _("police stations")
        permissions = WORK_CASES
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=StationKind.values), name="station_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=StationStatus.values), name="station_status_known"
            ),
            models.UniqueConstraint(
                "cctns_code", condition=~Q(cctns_code=""), name="station_cctns_code_once"
            ),
        ]

    def __str__(self) -> str:
        return f"station {self.code}"


class StationAlias(GazetteerRow):
    """Another spelling of a station's name. One alias may stand for stations of several kinds."""

    alias = models.CharField(_("alias"), max_length=120)
    station = models.ForeignKey(
        PoliceStation, models.PROTECT, related_name="aliases", verbose_name=_("police station")
    )

    class Meta:
        verbose_name = _("station alias")
        verbose_name_plural = _("station aliases")
        constraints = [
            models.UniqueConstraint("alias", "station", name="alias_once_per_station"),
        ]

    def __str__(self) -> str:
        return f"alias {self.alias}"


class PinStation(GazetteerRow):
    """A station into which a PIN code reaches. The share is modelled, not official."""

    pin = models.CharField(_("PIN code"), max_length=6)
    rank = models.PositiveSmallIntegerField(_("rank"))
    station = models.ForeignKey(
        PoliceStation, models.PROTECT, related_name="pins", verbose_name=_("police station")
    )
    share = models.FloatField(_("share of the PIN's area"))

    class Meta:
        verbose_name = _("station of a PIN")
        verbose_name_plural = _("stations of PINs")
        constraints = [
            models.UniqueConstraint("pin", "station", name="pin_names_station_once"),
            models.CheckConstraint(condition=Q(pin__regex=PIN_PATTERN), name="pin_has_six_digits"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="pin_rank_from_1"),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="pin_share_between_0_and_1"
            ),
        ]

    def __str__(self) -> str:
        return f"PIN {self.pin} rank {self.rank}"


class Locality(GazetteerRow):
    """A named place, or the part of it that lies in one station."""

    name = models.CharField(_("name"), max_length=120)
    folded_name = models.CharField(_("folded name"), max_length=120, db_index=True)
    kind = models.CharField(_("kind"), max_length=60)
    station = models.ForeignKey(
        PoliceStation, models.PROTECT, related_name="localities", verbose_name=_("police station")
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="localities", verbose_name=_("district")
    )
    share = models.FloatField(_("share of the place in this station"), null=True, blank=True)
    lat = models.FloatField(_("latitude"))
    lon = models.FloatField(_("longitude"))
    edge_m = models.FloatField(_("metres to the station's limit"), null=True, blank=True)
    confidence = models.CharField(_("confidence"), max_length=10)
    source = models.CharField(_("source"), max_length=40)

    class Meta:
        verbose_name = _("locality")
        verbose_name_plural = _("localities")
        constraints = [
            models.UniqueConstraint(
                "name", "kind", "station", "lat", "lon", name="locality_part_listed_once"
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=1),
                name="locality_share_between_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"locality {self.name}"


class Boundary(GazetteerRow):
    """The area of a station, from a layer that the unit loads itself; none is shipped."""

    station = models.OneToOneField(
        PoliceStation, models.PROTECT, related_name="boundary", verbose_name=_("police station")
    )
    geojson = models.JSONField(_("polygon"))
    source = models.CharField(_("source"), max_length=200)
    loaded_at = models.DateTimeField(_("loaded at"))

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")

    def __str__(self) -> str:
        return f"boundary of {self.station_id}"
