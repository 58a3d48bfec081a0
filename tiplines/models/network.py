"""Which networks belong to whom: a dated table that an officer loads, looked up offline."""

from __future__ import annotations

from django.db import models


class NetworkTable(models.Model):
    """One loaded table. The newest answers; each sighting keeps the day of the one that did."""

    as_of = models.DateField()
    source = models.CharField(max_length=300)
    loaded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-as_of", "-id"], name="network_table_newest")]

    def __str__(self) -> str:
        return f"network table of {self.as_of}"


class NetworkRange(models.Model):
    """A range of addresses, first and last included. Ranges of one table may lie in each other."""

    table = models.ForeignKey(NetworkTable, models.CASCADE, related_name="ranges")
    first = models.GenericIPAddressField()
    last = models.GenericIPAddressField()
    kind = models.CharField(max_length=12)
    operator = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"
