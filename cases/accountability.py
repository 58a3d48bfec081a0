"""Who answers for a tipline: exactly one holder in every state it can be in. Without Django."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answers(StrEnum):
    DESK = "desk"  # the unit's triage desk
    SUPERVISORS = "supervisors"  # of the unit, for what came back too often
    DISTRICT = "district"
    STATION = "station"
    STATE = "state"  # another State, since it acknowledged the letter
    SENDER = "sender"  # since it acknowledged the letter


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What decides who answers, as the rows say it."""

    status: str
    is_escalated: bool = False
    district_id: int | None = None
    station_id: int | None = None
    addressee: str = ""
    """Of the letter that tells the standing decision."""
    is_acknowledged: bool = False
    """Whether that letter is."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    answers: Answers
    district_id: int | None = None
    station_id: int | None = None
    name: str = ""
    """Of another State or of the sender."""


class NobodyAnswers(Exception):
    """The rows name no holder: what must never be."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(f"nobody answers for what is {standing.status}")
        self.standing = standing


def holder_of(standing: Standing) -> Holder:
    """The one holder. Raises NobodyAnswers.

    What went to another State or back to the sender stays the desk's until that is acknowledged;
    what is closed stays the desk's for good.
    """
    match standing.status:
        case "awaiting":
            return Holder(answers=Answers.SUPERVISORS if standing.is_escalated else Answers.DESK)
        case "held" if standing.district_id is not None:
            return Holder(
                answers=Answers.STATION if standing.station_id else Answers.DISTRICT,
                district_id=standing.district_id,
                station_id=standing.station_id,
            )
        case "closed":
            return Holder(answers=Answers.DESK)
        case "transferred" if standing.is_acknowledged:
            return Holder(answers=Answers.STATE, name=standing.addressee)
        case "sent-back" if standing.is_acknowledged:
            return Holder(answers=Answers.SENDER, name=standing.addressee)
        case "transferred" | "sent-back":
            return Holder(answers=Answers.DESK)
    raise NobodyAnswers(standing)
