"""Statuses of a case and the moves between them: rules, without Django."""

from enum import StrEnum


class CaseStatus(StrEnum):
    HANDED_OVER = "handed-over"  # with the district or station, not yet acknowledged
    ACKNOWLEDGED = "acknowledged"  # seen; whether it is theirs is still to be said
    UNDER_ENQUIRY = "under-enquiry"  # accepted: it is theirs
    REGISTERED = "registered"  # at least one FIR
    RETURNED = "returned"  # not theirs: its tiplines are in the queue again
    WITHDRAWN = "withdrawn"  # the unit undid the assignment before it was acknowledged


# Cases that a district or station must still work on.
OPEN = frozenset(
    {
        *(CaseStatus.HANDED_OVER, CaseStatus.ACKNOWLEDGED),
        *(CaseStatus.UNDER_ENQUIRY, CaseStatus.REGISTERED),
    }
)

NEXT: dict[CaseStatus, frozenset[CaseStatus]] = {
    # Straight to the enquiry where one act acknowledges and accepts.
    CaseStatus.HANDED_OVER: frozenset(
        {
            *(CaseStatus.ACKNOWLEDGED, CaseStatus.UNDER_ENQUIRY),
            *(CaseStatus.RETURNED, CaseStatus.WITHDRAWN),
        }
    ),
    CaseStatus.ACKNOWLEDGED: frozenset(
        {CaseStatus.UNDER_ENQUIRY, CaseStatus.RETURNED, CaseStatus.HANDED_OVER}
    ),
    # Back to handed-over when the district passes it to a station, which acknowledges in its turn.
    CaseStatus.UNDER_ENQUIRY: frozenset(
        {CaseStatus.REGISTERED, CaseStatus.RETURNED, CaseStatus.HANDED_OVER}
    ),
    CaseStatus.REGISTERED: frozenset(),
    CaseStatus.RETURNED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
}


class MoveNotAllowed(Exception):
    """The case cannot go from its present status to the one asked for."""

    def __init__(self, present: CaseStatus, wanted: CaseStatus) -> None:
        super().__init__(f"{present} cannot become {wanted}")
        self.present = present
        self.wanted = wanted


def check_move(present: CaseStatus, wanted: CaseStatus) -> None:
    """Raise MoveNotAllowed unless `wanted` may follow `present`."""
    if wanted not in NEXT[present]:
        raise MoveNotAllowed(present, wanted)
