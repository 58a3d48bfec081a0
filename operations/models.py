"""Operations: drives over many districts, each bound to a cohort of cases."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import Act

if TYPE_CHECKING:
    from accounts.models import User


class OperationQuerySet(models.QuerySet["Operation"]):
    def visible_to(self, officer: User) -> Self:
        return self if officer.duty.may(Act.SUPERVISE) else self.none()


class Operation(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.TextField(_("purpose"), blank=True)
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    """Null while it goes on. FIRs and arrests count by their own moment within these."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = OperationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("from_at")),
                name="operation_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"operation {self.pk}"

    def is_over(self, *, now: datetime) -> bool:
        """At the last moment itself it is over."""
        return self.until_at is not None and self.until_at <= now


class OperationCase(models.Model):
    """A case in the cohort of an operation."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="entries")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="operation_entries")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "case"], name="case_once_per_operation")
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} in operation {self.operation_id}"
