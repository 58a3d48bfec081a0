"""The list behind a number: pages by keyset, and a count up to a cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from cases.models import Arrest, Case, Fir, HandOff, Letter
from operations.counting import Figure, Scope
from tiplines.models import Dispatch, QuarantineItem, Tipline

ROWS_A_PAGE = 50
COUNT_TO = 10_000  # rows; beyond it a list says "more than"

PLACES = ("district", "station")
BESIDE: dict[type[Model], tuple[str, ...]] = {
    Tipline: ("holder_district", "holder_station", "best_district"),
    Case: PLACES,
    HandOff: ("case", *(f"case__{place}" for place in PLACES)),
    Fir: ("station", "case__district"),
    Arrest: ("accused__fir__station", "accused__fir__case__district"),
    QuarantineItem: ("dispatch", "document"),
    Dispatch: (),
    Letter: ("by", "reminds"),
}
"""What each row names, so that a list is one statement."""
NOT_LISTED: dict[type[Model], tuple[str, ...]] = {
    Tipline: ("narrative", "urgency_reasons", "location_reasons", "missing", "escalation"),
    Letter: ("content",),
}


class BadCursor(Exception):
    """The place in the list that was asked for is not one that we gave out."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last row of the page before."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"


def cursor_of(text: str) -> Cursor | None:
    """None for an empty text. Raises BadCursor."""
    if not text:
        return None
    moment, _tilde, key = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        pk = int(key)
    except ValueError as error:
        raise BadCursor from error
    if at.tzinfo is None or not 0 < pk < 2**63:
        raise BadCursor
    return Cursor(at=at, pk=pk)


def page_of(
    figure: Figure, scope: Scope, *, after: Cursor | None
) -> tuple[list[Any], Cursor | None]:
    """Up to ROWS_A_PAGE rows in the figure's order, and where the next page begins, if any."""
    rows = figure.rows(scope).select_related(*BESIDE[figure.model])
    rows = rows.defer(*NOT_LISTED.get(figure.model, ()))
    if after is not None:
        beyond = "gt" if figure.oldest_first else "lt"
        rows = rows.filter(
            Q(**{f"{figure.moment}__{beyond}": after.at})
            | Q(**{figure.moment: after.at, f"pk__{beyond}": after.pk})
        )
    found = list(rows.order_by(*figure.order)[: ROWS_A_PAGE + 1])
    if len(found) <= ROWS_A_PAGE:
        return found, None
    last = found[ROWS_A_PAGE - 1]
    return found[:ROWS_A_PAGE], Cursor(at=getattr(last, figure.moment), pk=last.pk)


def capped(rows: QuerySet[Any]) -> int:
    """How many there are, up to COUNT_TO + 1."""
    return rows.order_by()[: COUNT_TO + 1].count()
