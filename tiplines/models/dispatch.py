"""A dispatch, the documents in it, and what became of each report: the ground of the conservation
law.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act

if TYPE_CHECKING:
    from accounts.models import User


class Channel(models.TextChoices):
    BROWSER = "browser", _("Browser")
    COMMAND = "command", _("Command")
    API = "api", _("Machine interface")
    WATCHED = "watched", _("Watched folder")


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    def visible_to(self, officer: User) -> Self:
        """Dispatches belong to the unit; officers outside it see the tiplines that reach them."""
        return self if officer.duty.may(Act.IMPORT) else self.none()

    def still_packed(self) -> Self:
        return self.filter(unpacked_at__isnull=True)


class Dispatch(models.Model):
    """One delivery as it came: a ZIP, a folder or a single file."""

    reference = models.CharField(_("sender's reference"), max_length=200, blank=True)
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, unique=True)
    """Of the bytes as received. A folder is packed first, in a fixed order and without dates."""
    size_bytes = models.BigIntegerField()
    key = models.CharField(max_length=200, blank=True)
    """The idempotency key of a machine that sent it; unique for the officer it acts for."""
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("accounts.User", models.PROTECT, null=True)
    unpacked_at = models.DateTimeField(null=True)
    """When every document in it was listed and the text kept; null while the worker has yet to."""
    document_count = models.IntegerField(default=0)
    """As counted in the archive's own directory, apart from the rows of `Document`."""
    finished_at = models.DateTimeField(null=True)
    """When the last report in it had been read, assessed, located and linked."""

    objects = DispatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["received_by", "key"], condition=~Q(key=""), name="dispatch_key_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="dispatch_newest"),
            models.Index(
                fields=["id"], condition=Q(unpacked_at__isnull=True), name="dispatch_still_packed"
            ),
            models.Index(
                fields=["id"], condition=Q(finished_at__isnull=True), name="dispatch_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"dispatch {self.pk}"


class DocumentState(models.TextChoices):
    WAITING = "waiting", _("Waiting to be read")
    READ = "read", _("Read")
    QUARANTINED = "quarantined", _("In quarantine")
    LISTED = "listed", _("Not text: listed by name and size, never read or kept")


class DocumentQuerySet(models.QuerySet["Document"]):
    def due(self) -> Self:
        """The first document of every bundle that is still to be read."""
        return self.filter(state=DocumentState.WAITING, leads=True)


class Document(models.Model):
    """One file of a dispatch. Documents of one bundle speak about the same report or reports."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="documents")
    position = models.IntegerField()
    name = models.CharField(max_length=1024)
    kind = models.CharField(max_length=10)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    """Empty for what is not text: such content is never read."""
    bundle = models.IntegerField()
    leads = models.BooleanField(default=False)
    """The first waiting document of its bundle: the row that a worker locks."""
    offset = models.BigIntegerField(null=True)
    """Where its bytes begin in the kept pack of the dispatch; null if not kept."""
    packed_bytes = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=DocumentState.choices)
    attempts = models.SmallIntegerField(default=0)
    """How often a worker took it up; one that fells its worker again and again is set apart."""
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replacements")
    """The document in quarantine in whose place an officer put this one."""
    read_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "position"], name="document_position_once"),
        ]
        indexes = [
            models.Index(
                fields=["dispatch", "id"],
                condition=Q(state=DocumentState.WAITING.value, leads=True),
                name="document_due",
            ),
            models.Index(fields=["dispatch", "bundle"], name="document_by_bundle"),
        ]

    def __str__(self) -> str:
        return f"document {self.pk} of dispatch {self.dispatch_id}"


class Outcome(models.TextChoices):
    STORED = "stored", _("Stored")
    ALREADY_HELD = "already-held", _("Already held, unchanged")
    NEW_VERSION = "new-version", _("Already held, stored as a new version")


class Receipt(models.Model):
    """One report in one dispatch, and what became of it on arrival."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="receipts")
    number = models.CharField(max_length=40)
    tipline = models.ForeignKey("tiplines.Tipline", models.PROTECT, related_name="receipts")
    document = models.ForeignKey(Document, models.PROTECT)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    copies = models.IntegerField(default=1)
    """How many times the dispatch speaks of this report, lists included."""
    is_listed = models.BooleanField(default=False)
    """Whether a covering list of the dispatch names it."""
    is_reported = models.BooleanField(default=False)
    """Whether the report itself came in the dispatch."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "number"], name="receipt_once_per_dispatch"
            ),
        ]
        indexes = [
            models.Index(fields=["dispatch", "outcome"], name="receipt_by_outcome"),
            models.Index(
                fields=["dispatch", "number"],
                condition=Q(is_listed=True, is_reported=False),
                name="receipt_missing",
            ),
        ]

    def __str__(self) -> str:
        return f"receipt of {self.number} in dispatch {self.dispatch_id}"


class FieldCount(models.Model):
    """Which fields the reports of a batch had. Rows are only added, so that workers never wait for
    each other; the receipt sums them.
    """

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="field_counts")
    format = models.CharField(max_length=10)
    reports = models.IntegerField()
    counts = models.JSONField()
    """Path without indexes to [reports that have it, reports where it was kept unread]."""

    def __str__(self) -> str:
        return f"fields of {self.reports} reports in dispatch {self.dispatch_id}"


class ListMapping(models.Model):
    """How the columns of one sender's covering lists are to be read, as an officer approved it."""

    sender = models.CharField(max_length=200)
    headers = ArrayField(models.CharField(max_length=200))
    """As written, in their order."""
    fields = ArrayField(models.CharField(max_length=40, blank=True))
    """The field of each header; empty where the column is only kept."""
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sender", "-approved_at"], name="mapping_of_sender")]

    def __str__(self) -> str:
        return f"columns of {self.sender}"


class Settlement(models.TextChoices):
    """How an officer settled something in quarantine."""

    READ_AGAIN = "read-again", _("Read again")
    REPLACED = "replaced", _("Replaced by another file")
    SET_ASIDE = "set-aside", _("Set aside with a reason")


class QuarantineQuerySet(models.QuerySet["QuarantineItem"]):
    def visible_to(self, officer: User) -> Self:
        return self if officer.duty.may(Act.IMPORT) else self.none()

    def open(self) -> Self:
        return self.filter(settled_at__isnull=True)


class QuarantineItem(models.Model):
    """Something received that could not be read. It stays until an officer settles it."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="quarantine")
    document = models.ForeignKey(Document, models.PROTECT, related_name="quarantine")
    place = models.CharField(max_length=500, blank=True)
    number = models.CharField(max_length=40, blank=True)
    reason = models.TextField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    settlement = models.CharField(max_length=12, choices=Settlement.choices, blank=True)
    settlement_note = models.TextField(blank=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settlement="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settlement="")),
                name="quarantine_settled_by_an_officer",
            ),
            models.CheckConstraint(
                condition=~Q(settlement=Settlement.SET_ASIDE.value) | ~Q(settlement_note=""),
                name="quarantine_set_aside_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["dispatch", "id"], name="quarantine_by_dispatch"),
            models.Index(
                fields=["id"], condition=Q(settled_at__isnull=True), name="quarantine_open"
            ),
        ]

    def __str__(self) -> str:
        return f"quarantine {self.pk} of dispatch {self.dispatch_id}"
