"""What pages call the clocks, the events of a case and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.clocks import ACCEPTANCE, ACKNOWLEDGEMENT, LETTER, PRODUCTION, PROGRESS, Limit, Urgency
from cases.lifecycle import CaseStatus, MoveNotAllowed
from cases.models.case import STATUS_LABELS
from cases.services import assigning, holding, registering

CLOCK_NAMES: Mapping[str, Promise] = {
    ACKNOWLEDGEMENT.code: _("Acknowledge the case"),
    ACCEPTANCE.code: _("Accept the case or return it"),
    LETTER.code: _("Acknowledge the letter"),
    PRODUCTION.code: _("Produce the arrested person before the Magistrate"),
    PROGRESS.code: _("Tell the informant of the progress"),
}
SOURCES: Mapping[str, Promise] = {ACKNOWLEDGEMENT.source: _("unit's standing order")}

STATUS_TONES: Mapping[CaseStatus, str] = {
    CaseStatus.HANDED_OVER: "near",
    CaseStatus.ACKNOWLEDGED: "near",
    CaseStatus.UNDER_ENQUIRY: "accent",
    CaseStatus.REGISTERED: "calm",
    CaseStatus.RETURNED: "",
    CaseStatus.WITHDRAWN: "",
}

EVENTS: Mapping[str, Promise] = {
    "case.opened": _("Case opened and handed over"),
    "case.withdrawn": _("Withdrawn by the unit"),
    "case.acknowledged": _("Acknowledged"),
    "case.accepted": _("Accepted"),
    "case.returned": _("Returned to the unit"),
    "case.supplemented": _("Supplement put into the case"),
    "case.joined": _("Tipline of the same nexus put into the case"),
    "case.news-seen": _("New information taken note of"),
    "case.allotted": _("Passed to a station"),
    "case.fir-registered": _("FIR registered"),
    "case.accused-added": _("Accused added"),
    "case.arrest-recorded": _("Arrest recorded"),
    "case.production-recorded": _("Production before the Magistrate recorded"),
    "case.informant-told": _("Informant told of the progress"),
    "case.restricted": _("Restricted to named officers"),
    "case.restriction-lifted": _("Restriction lifted"),
    "case.officer-named": _("An officer named for the restricted case"),
    "case.officer-struck": _("An officer struck off the restricted case"),
    "case.access-asked": _("Access asked"),
    "case.access-granted": _("Access granted"),
    "case.access-refused": _("Access refused"),
    "case.glass-broken": _("Glass broken: access without being named"),
    "case.access-justified": _("Break-glass access found justified"),
    "case.access-not-justified": _("Break-glass access found not justified"),
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


MINOR_WARNING = _(
    "Stated to be under 18. JJ Model Rules 2016 r. 8: no FIR unless the offence carries seven "
    "years or more or was committed with adults; otherwise a diary entry and the social "
    "background report go to the Board."
)
MINOR_ARREST_WARNING = _(
    "A child is not kept in a lock-up or jail and is produced before the Juvenile Justice Board "
    "within 24 hours (JJ Act s. 10). The name is not shown (JJ Act s. 74)."
)


def refusal_words(refusal: Exception) -> tuple[str | None, str]:
    """The field of a form that a refusal is about, None for the whole, and what to say."""
    match refusal:
        case MoveNotAllowed():
            words = _("The case has moved on: it is “%(status)s” now. Nothing was changed.")
            return None, str(words) % {"status": dict(STATUS_LABELS)[refusal.present.value]}
        case registering.NotInForce():
            words = _("Not in force on the date of the offence: %(sections)s")
            return "sections", str(words) % {"sections": ", ".join(refusal.labels)}
        case registering.YearDiffers():
            words = _("The FIR was registered in %(year)s, so its number ends in that year.")
            return "number", str(words) % {"year": refusal.year}
        case registering.RankTooLow():
            words = _(
                "An offence under the IT Act is investigated by an officer not below Inspector "
                "(%(source)s)."
            )
            return "officer_rank", str(words) % {"source": refusal.source}
    field, told = REFUSALS[type(refusal)]
    return field, str(told)


REFUSALS: Mapping[type[Exception], tuple[str | None, Promise]] = {
    assigning.StationNotInDistrict: (
        "station",
        _("The station belongs to another district."),
    ),
    holding.NotOfTheDistrict: (
        None,
        _("Only an officer of the district passes a case to one of its stations."),
    ),
    holding.SamePlace: ("better", _("This is where the case is now. Name another place.")),
    holding.AlreadyThere: ("station", _("The case is with this station already.")),
    registering.FirNumberTaken: (
        "number",
        _("This station has an FIR with this number and year already. Check the number."),
    ),
    registering.InTheFuture: ("moment", _("This moment has not come yet.")),
    registering.NoSections: ("sections", _("Choose at least one section.")),
    registering.BeforeTheFir: (
        "moment",
        _("This is before the FIR was registered. Correct the date or the FIR first."),
    ),
    registering.BeforeTheArrest: ("moment", _("This is before the arrest.")),
    registering.AlreadyRecorded: (None, _("This stands in the record already.")),
}
ALL_REFUSALS: tuple[type[Exception], ...] = (
    MoveNotAllowed,
    registering.NotInForce,
    registering.YearDiffers,
    registering.RankTooLow,
    *REFUSALS,
)
