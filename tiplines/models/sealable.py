"""Rows of which a part must not lie in plain text."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django.db import models

from tiplines.sealing import unseal_json


class Sealable(models.Model):
    """A row whose columns say nothing, or `•••`, where the text would name a victim or a child.

    Whoever reads a column sees what may be shown; the whole is had by asking for it with `told`.
    """

    bound_to: ClassVar[str]
    """The column that says what a row's seals are bound to."""

    sealed = models.BinaryField(null=True)
    """What the columns do not say: a JSON object of their names and values."""

    class Meta:
        abstract = True

    @staticmethod
    @abstractmethod
    def about_of(bound: Any) -> str:
        """What the seals of a row with this value in `bound_to` are bound to."""

    @property
    def about(self) -> str:
        return self.about_of(getattr(self, self.bound_to))

    def told(self, field: str) -> Any:
        """A column as it was told, also where it is covered."""
        inside = self.inside()
        if field not in inside:
            return getattr(self, field)
        return self._meta.get_field(field).to_python(inside[field])  # type: ignore[union-attr]

    def inside(self) -> dict[str, Any]:
        """The sealed columns."""
        if self.sealed is None:
            return {}
        found: dict[str, Any] = unseal_json(bytes(self.sealed), about=self.about)
        return found


class OfATipline(Sealable):
    """One that hangs on a tipline, and opens there only."""

    tipline_id: int
    bound_to = "tipline_id"

    class Meta:
        abstract = True

    @staticmethod
    def about_of(bound: int) -> str:
        return about_tipline(bound)


def about_tipline(tipline_id: int) -> str:
    return f"tipline:{tipline_id}"
