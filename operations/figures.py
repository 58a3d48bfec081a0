"""Every figure of the board, defined once (`counting.py` says what a figure is)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.clocks import ACCEPTANCE, ACKNOWLEDGEMENT, LETTER
from cases.lifecycle import OPEN, CaseStatus
from cases.models import Arrest, Case, Fir, HandOff, Letter, LetterEntry
from cases.models.fir import FirKind
from cases.models.letter import UNANSWERED
from operations.counting import Figure, Span, Unit, always
from tiplines.models import Dispatch, QuarantineItem, Tipline
from tiplines.models.tipline import ESCALATED_FROM, URGENT_FROM, Outcome, Status

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Waiting for the holder, and waiting too long.
NOT_ACKNOWLEDGED = Q(status=CaseStatus.HANDED_OVER.value)
ACKNOWLEDGED = Q(
    # Only the hand-off to the present holder: a case passed on is counted once.
    at=F("case__handed_over_at"),
    acknowledged_at__isnull=False,
    returned_at__isnull=True,
    case__status__in=[
        *(CaseStatus.ACKNOWLEDGED.value, CaseStatus.UNDER_ENQUIRY.value),
        CaseStatus.REGISTERED.value,
    ],
)
ACCEPTED = Q(
    at=F("case__handed_over_at"),
    accepted_at__isnull=False,
    returned_at__isnull=True,
    case__status__in=[CaseStatus.UNDER_ENQUIRY.value, CaseStatus.REGISTERED.value],
)
OPEN_CASES = Q(status__in=[status.value for status in sorted(OPEN)])
AWAITING = Q(status=Status.AWAITING.value)

RECEIVED = Figure(
    key="received",
    label=_("Received"),
    meaning=_("Tiplines by the moment they reached the unit. By district: the likeliest one."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(Q()),
    moment="received_at",
    span=Span.PERIOD,
    district="best_district_id",
)
LOCATED = Figure(
    key="located",
    label=_("Located in Delhi"),
    meaning=_("Tiplines that point to Delhi, by the moment they reached the unit."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(Q(outcome=Outcome.DELHI.value)),
    moment="received_at",
    span=Span.PERIOD,
    district="best_district_id",
)
ASSIGNED = Figure(
    key="assigned",
    label=_("With a district"),
    short=_("Assigned"),
    meaning=_("Tiplines that a district or station holds now, by the moment of assignment."),
    unit=Unit.TIPLINES,
    model=Tipline,
    # The same rows as status "held", by the constraint `tipline_held_has_a_holder`; only this form
    # is counted from an index alone.
    where=always(Q(holder_district__isnull=False)),
    moment="status_at",
    span=Span.PERIOD,
    district="holder_district_id",
)
CASES = Figure(
    key="cases",
    label=_("Cases"),
    meaning=_("Cases opened with a district and neither returned nor withdrawn, by their opening."),
    unit=Unit.CASES,
    model=Case,
    where=always(OPEN_CASES),
    moment="opened_at",
    span=Span.PERIOD,
    district="district_id",
    case="pk",
)
TAKEN_UP = Figure(
    key="acknowledged",
    label=_("Acknowledged"),
    meaning=_("Cases that the present holder has acknowledged, by the moment of acknowledgement."),
    unit=Unit.CASES,
    model=HandOff,
    where=always(ACKNOWLEDGED),
    moment="acknowledged_at",
    span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
THEIRS = Figure(
    key="accepted",
    label=_("Accepted"),
    meaning=_("Cases that the present holder has accepted as its own, by that moment."),
    unit=Unit.CASES,
    model=HandOff,
    where=always(ACCEPTED),
    moment="accepted_at",
    span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
FIR = Figure(
    key="fir",
    label=_("FIR"),
    meaning=_("FIRs by the moment of registration. Zero FIRs are apart, so none counts twice."),
    unit=Unit.FIRS,
    model=Fir,
    where=always(Q(kind=FirKind.REGULAR.value)),
    moment="registered_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
ARREST = Figure(
    key="arrest",
    label=_("Arrest"),
    meaning=_("Persons arrested, by the moment of arrest."),
    unit=Unit.ARRESTS,
    model=Arrest,
    where=always(Q()),
    moment="arrested_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="accused__fir__case__district_id",
    case="accused__fir__case_id",
)
LATE = Figure(
    key="late",
    label=_("Acknowledgement overdue"),
    short=_("Late"),
    meaning=_("Cases not acknowledged within 24 hours of the hand-over, the oldest first."),
    unit=Unit.CASES,
    model=Case,
    where=lambda now: NOT_ACKNOWLEDGED & Q(handed_over_at__lt=now - ACKNOWLEDGEMENT.limit),
    moment="handed_over_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
UNDECIDED = Figure(
    key="not-accepted",
    label=_("Acceptance overdue"),
    meaning=_("Cases acknowledged, but neither accepted nor returned within 3 days."),
    unit=Unit.CASES,
    model=Case,
    where=lambda now: Q(status=CaseStatus.ACKNOWLEDGED.value, status_at__lt=now - ACCEPTANCE.limit),
    moment="status_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
OPEN_NOW = Figure(
    key="open",
    label=_("Open cases"),
    meaning=_("All cases that a district or station works on now, the oldest first."),
    unit=Unit.CASES,
    model=Case,
    where=always(OPEN_CASES),
    moment="opened_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
ZERO_FIR = Figure(
    key="zero-fir",
    label=_("Zero FIR"),
    meaning=_("Zero FIRs by the moment of registration; not in the count of FIRs."),
    unit=Unit.FIRS,
    model=Fir,
    where=always(Q(kind=FirKind.ZERO.value)),
    moment="registered_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)


def ended(*, key: str, label: StrPromise, status: Status) -> Figure:
    return Figure(
        key=key,
        label=label,
        meaning=_("Tiplines that ended so, by the moment of the decision."),
        unit=Unit.TIPLINES,
        model=Tipline,
        where=always(Q(status=status.value)),
        moment="status_at",
        span=Span.PERIOD,
    )


TRANSFERRED = ended(
    key="transferred", label=_("Transferred to another State"), status=Status.TRANSFERRED
)
CLOSED = ended(key="closed", label=_("Closed"), status=Status.CLOSED)
SENT_BACK = ended(key="sent-back", label=_("Returned to the sender"), status=Status.SENT_BACK)
WAITING = Figure(
    key="awaiting",
    label=_("Awaiting decision"),
    meaning=_("Tiplines in the queue now, the oldest first. By district: the likeliest one."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING),
    moment="received_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
QUARANTINED = Figure(
    key="quarantined",
    label=_("In quarantine"),
    meaning=_("What arrived and could not be read, and is not settled yet."),
    unit=Unit.ITEMS,
    model=QuarantineItem,
    where=always(Q(settled_at__isnull=True)),
    moment="at",
    span=Span.NOW,
    oldest_first=True,
)
URGENT_WAITING = Figure(
    key="urgent-awaiting",
    label=_("Urgent, awaiting decision"),
    meaning=_("Urgent tiplines in the queue now, the oldest first."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING & Q(urgency__gte=URGENT_FROM)),
    moment="received_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
ESCALATED = Figure(
    key="escalated",
    label=_("Came back twice"),
    meaning=_("Tiplines in the queue that were returned twice or more: a supervisor assigns them."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING & Q(return_count__gte=ESCALATED_FROM)),
    moment="status_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
TELLS_WHAT_STANDS = Q(
    Exists(LetterEntry.objects.filter(letter=OuterRef("pk"), decision__undone_at__isnull=True))
)
UNANSWERED_LETTERS = Figure(
    key="letters-overdue",
    label=_("Letters overdue"),
    meaning=_("Letters to other States and senders not acknowledged within 15 days, oldest first."),
    unit=Unit.LETTERS,
    model=Letter,
    where=lambda now: Q(UNANSWERED, TELLS_WHAT_STANDS, asked_at__lt=now - LETTER.limit),
    moment="asked_at",
    span=Span.NOW,
    oldest_first=True,
)
URGENT_CASES = Figure(
    key="urgent-not-acknowledged",
    label=_("Urgent, not acknowledged"),
    meaning=_("Urgent cases that the holder has not acknowledged, whether late or not."),
    unit=Unit.CASES,
    model=Case,
    where=always(NOT_ACKNOWLEDGED & Q(urgency__gte=URGENT_FROM)),
    moment="handed_over_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
EXPIRED = Figure(
    key="expired",
    label=_("Expired at the provider this month"),
    meaning=_("Tiplines still awaiting decision whose data the provider need no longer keep."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=lambda now: AWAITING & Q(preserved_until__lt=now),
    moment="preserved_until",
    span=Span.MONTH,
    district="best_district_id",
)
INTAKE = Figure(
    key="intake",
    label=_("Dispatches being read"),
    meaning=_("Dispatches with a report that is not yet read, assessed, located and linked."),
    unit=Unit.DISPATCHES,
    model=Dispatch,
    where=always(Q(finished_at__isnull=True)),
    moment="received_at",
    span=Span.NOW,
    oldest_first=True,
)

FUNNEL = (RECEIVED, LOCATED, ASSIGNED, CASES, TAKEN_UP, THEIRS, FIR, ARREST)
SIDES = (TRANSFERRED, CLOSED, SENT_BACK, ZERO_FIR)
WORK = (
    *(WAITING, URGENT_WAITING, ESCALATED, URGENT_CASES, LATE, UNDECIDED, UNANSWERED_LETTERS),
    *(INTAKE, QUARANTINED, EXPIRED),
)
DISTRICT_COLUMNS = (ASSIGNED, CASES, TAKEN_UP, LATE, FIR, ARREST)
BOARD = (*FUNNEL, *SIDES, *WORK, OPEN_NOW)
COHORT = (ASSIGNED, CASES, TAKEN_UP, THEIRS, LATE, FIR, ZERO_FIR, ARREST)

FIGURES: dict[str, Figure] = {figure.key: figure for figure in BOARD}
