"""The answer to an address that an officer asks about, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from cases.place_map import PlaceMap, map_of
from districts.against import against
from districts.answering import Answer, answer_of
from districts.deciding_check import deciding_check
from districts.evidence import Reason
from districts.layer import present_map
from districts.locating import Location
from districts.places import Gazetteer
from districts.wording import kind_label, reason_words, state_words
from districts.wording_of_checks import against_words, check_words

LABELS = {
    Answer.ASSIGN: lazy_("Can be assigned"),
    Answer.REVIEW: lazy_("An officer decides"),
    Answer.OTHER_STATE: lazy_("Another State"),
    Answer.ABROAD: lazy_("Abroad"),
    Answer.UNKNOWN: lazy_("Cannot say"),
}
TONES = {Answer.ASSIGN: "calm", Answer.REVIEW: "near"}


@dataclass(frozen=True, kw_only=True)
class CandidateLine:
    rank: int
    district: str
    station: str
    """Empty where only the district can be named."""
    percent: int
    for_it: tuple[str, ...]
    against_it: tuple[str, ...]
    newer: tuple[str, ...]
    """Stations carved out of it, whose limits the data does not hold."""


@dataclass(frozen=True, kw_only=True)
class PlacePage:
    answer: Answer
    label: str
    tone: str
    headline: str
    check: str
    """What would decide; empty where nothing is left to decide."""
    lines: tuple[CandidateLine, ...]
    reasons: tuple[str, ...]
    """About the whole answer."""
    map: PlaceMap | None
    version: int


def page_of(
    location: Location, gazetteer: Gazetteer, *, point: tuple[float, float] | None
) -> PlacePage:
    answered = answer_of(location)
    mapped = present_map()
    names = mapped.names
    lines = []
    sides = zip(location.candidates, against(location.candidates), strict=True)
    for rank, (each, opposed) in enumerate(sides, 1):
        newer = gazetteer.newer.get(each.station_code or "", ())
        lines.append(
            CandidateLine(
                rank=rank,
                district=names.get(each.district_code, each.district_code),
                station=names.get(each.station_code, each.station_code)
                if each.station_code
                else "",
                percent=round(100 * each.share),
                for_it=tuple(_with_kind(reason, reason_words(reason)) for reason in each.reasons),
                against_it=tuple(
                    _with_kind(reason, against_words(reason, names)) for reason in opposed
                ),
                newer=tuple(names.get(code, code) for code in newer),
            )
        )
    check = deciding_check(location, gazetteer)
    return PlacePage(
        answer=answered.answer,
        label=str(LABELS[answered.answer]),
        tone=TONES.get(answered.answer, "neutral"),
        headline=_headline(answered.answer, lines, location.state_name),
        check=check_words(check, names) if check else "",
        lines=tuple(lines),
        reasons=tuple(_unique(_with_kind(each, reason_words(each)) for each in location.reasons)),
        map=map_of(mapped, location.candidates, location.reasons, points=[point] if point else []),
        version=location.gazetteer_version,
    )


def _headline(answer: Answer, lines: list[CandidateLine], state: str) -> str:
    if answer is Answer.OTHER_STATE:
        return state_words(state)
    if answer is Answer.ABROAD:
        return _("Outside India")
    if not lines:
        is_delhi = answer is Answer.REVIEW
        return _("Delhi, but no station can be named") if is_delhi else _("No place can be named")
    first = lines[0]
    place = first.district
    if first.station:
        place = _("%(district)s › PS %(station)s") % {
            "district": first.district,
            "station": first.station,
        }
    words = (
        _("%(place)s, %(percent)s %%")
        if answer is Answer.ASSIGN
        else _("Likeliest: %(place)s, %(percent)s %%")
    )
    return words % {"place": place, "percent": first.percent}


def _with_kind(reason: Reason, words: str) -> str:
    kind = kind_label(reason.evidence or "")
    return _("%(kind)s: %(words)s") % {"kind": kind, "words": words} if kind else words


def _unique(words: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(words)
