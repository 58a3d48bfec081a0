"""Who answers for each tipline, and the proof that somebody does."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases.accountability import Holder, Standing, holder_of
from cases.lifecycle import OPEN
from cases.models import CaseTipline, LetterEntry
from tiplines.models import Decision, Tipline
from tiplines.models.tipline import Status

TOLD = frozenset({Status.TRANSFERRED, Status.SENT_BACK})


def holders_of(tiplines: Iterable[Tipline]) -> dict[int, Holder]:
    """By the key of each tipline, in one statement, or none where no letter could tell of any.

    Raises accountability.NobodyAnswers.
    """
    rows = list(tiplines)
    told = [tip.pk for tip in rows if tip.status in TOLD]
    entries = LetterEntry.objects.filter(tipline__in=told, decision__undone_at__isnull=True)
    letters = {
        entry.tipline_id: entry.letter
        for entry in entries.select_related("letter").defer("letter__content")
    }
    found = {}
    for tip in rows:
        letter = letters.get(tip.pk)
        found[tip.pk] = holder_of(
            Standing(
                status=tip.status,
                is_escalated=tip.is_escalated,
                district_id=tip.holder_district_id,
                station_id=tip.holder_station_id,
                addressee=letter.addressee if letter else "",
                is_acknowledged=bool(letter and letter.acknowledged_at),
            )
        )
    return found


def unaccounted() -> QuerySet[Tipline]:
    """Tiplines whose rows do not agree on one holder; there is none as long as all is well.

    One that awaits has no standing decision and is in no case; one that is held is in one open case
    with the same holder; any other has the decision that ended it and is in no case.
    """
    standing = Decision.objects.filter(tipline=OuterRef("pk"), undone_at__isnull=True)
    inside = CaseTipline.objects.filter(tipline=OuterRef("pk"), left_at__isnull=True)
    of_holder = inside.filter(
        case__status__in=[status.value for status in OPEN],
        case__district=OuterRef("holder_district"),
    ).filter(
        Q(case__station=OuterRef("holder_station"))
        | Q(case__station__isnull=True, tipline__holder_station__isnull=True)
    )
    well = (
        Q(~Exists(standing), ~Exists(inside), status=Status.AWAITING)
        | Q(Exists(standing.filter(kind="assign")), Exists(of_holder), status=Status.HELD)
        | Q(Exists(standing.filter(kind="close")), ~Exists(inside), status=Status.CLOSED)
        | Q(Exists(standing.filter(kind="transfer")), ~Exists(inside), status=Status.TRANSFERRED)
        | Q(Exists(standing.filter(kind="send-back")), ~Exists(inside), status=Status.SENT_BACK)
    )
    return Tipline.objects.exclude(well).order_by(F("pk"))
