"""One answer for one address of a table: a station, a district, or why an officer must look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .evidence import Outcome, Reason
from .locating import Location
from .rules import DEFAULT, Rules


class Answer(StrEnum):
    ASSIGN = "assign"
    REVIEW = "review"
    OTHER_STATE = "other_state"
    ABROAD = "abroad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Answered:
    answer: Answer
    district_code: str = ""
    """The likeliest by all its candidates together, which may not be that of the first."""
    stations: tuple[str, ...] = ()
    """The likeliest first, three at most; none where only a district can be named."""
    confidence: float | None = None
    """0 to 1, of the first station; None where none is named."""
    state_name: str = ""
    reasons: tuple[Reason, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Plain data to keep with a decision. The reasons are those of the location."""
        return {
            "answer": self.answer.value,
            "district_code": self.district_code,
            "stations": list(self.stations),
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "state_name": self.state_name,
        }


def answer_of(location: Location, rules: Rules = DEFAULT) -> Answered:
    """What the locator found, as one of five answers."""
    best = location.best
    if location.outcome is Outcome.OTHER_STATE:
        return Answered(
            answer=Answer.OTHER_STATE, state_name=location.state_name, reasons=location.reasons
        )
    if location.outcome is Outcome.ABROAD:
        return Answered(answer=Answer.ABROAD, reasons=location.reasons)
    if best is None:
        is_delhi = location.outcome is Outcome.DELHI
        answer = Answer.REVIEW if is_delhi else Answer.UNKNOWN
        return Answered(answer=answer, reasons=location.reasons)
    stations = tuple(each.station_code for each in location.candidates if each.station_code)
    district = next(iter(location.district_shares))
    is_sure = (
        location.outcome is Outcome.DELHI
        and best.station_code is not None
        and best.district_code == district
        and best.share >= rules.assign_from
    )
    return Answered(
        answer=Answer.ASSIGN if is_sure else Answer.REVIEW,
        district_code=district,
        stations=stations[:3],
        confidence=best.share if stations else None,
        reasons=(*location.reasons, *best.reasons),
    )
