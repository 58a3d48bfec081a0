"""What pages call the clocks, the events of a case and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.clocks import ACKNOWLEDGEMENT, PRODUCTION, PROGRESS, Limit, Urgency
from cases.lifecycle import CaseStatus

CLOCK_NAMES: Mapping[str, Promise] = {
    ACKNOWLEDGEMENT.code: _("Acknowledge the case"),
    PRODUCTION.code: _("Produce the arrested person before the Magistrate"),
    PROGRESS.code: _("Tell the informant of the progress"),
}
SOURCES: Mapping[str, Promise] = {ACKNOWLEDGEMENT.source: _("unit's standing order")}

STATUS_TONES: Mapping[CaseStatus, str] = {
    CaseStatus.HANDED_OVER: "near",
    CaseStatus.UNDER_ENQUIRY: "accent",
    CaseStatus.REGISTERED: "calm",
    CaseStatus.RETURNED: "",
    CaseStatus.WITHDRAWN: "",
}

EVENTS: Mapping[str, Promise] = {
    "case.opened": _("Case opened and handed over"),
    "case.withdrawn": _("Withdrawn by the unit"),
    "case.acknowledged": _("Acknowledged"),
    "case.returned": _("Returned to the unit"),
    "case.allotted": _("Passed to a station"),
    "case.fir-registered": _("FIR registered"),
    "case.accused-added": _("Accused added"),
    "case.arrest-recorded": _("Arrest recorded"),
    "case.production-recorded": _("Production before the Magistrate recorded"),
    "case.informant-told": _("Informant told of the progress"),
}
DETAILS = ("fir", "station")
"""What of an event's detail a timeline shows: codes that name nobody."""


@dataclass(frozen=True, kw_only=True)
class ClockLine:
    """A limit as `components/clock.html` draws it."""

    name: str
    source: str
    due_at: datetime
    urgency: Urgency


def clock_line(limit: Limit) -> ClockLine:
    return ClockLine(
        name=str(CLOCK_NAMES[limit.clock.code]),
        source=str(SOURCES.get(limit.clock.source, limit.clock.source)),
        due_at=limit.due_at,
        urgency=limit.urgency,
    )
