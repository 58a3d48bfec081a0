"""The one check that would decide, where an officer must look. No Django, no clock.

A check is a `Reason` whose stations and districts are codes; `wording_of_checks` says their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .answering import Answer, answer_of
from .evidence import POINT_SURE_FROM_M, Outcome, Reason
from .folding import fold
from .locating import Candidate, Location
from .places import Gazetteer
from .rules import NAMES_NO_STATION, EvidenceKind

SHARE_COUNTS_FROM = 2  # percent of a PIN or place below which a station does not share it

Params = dict[str, str | int]
_SECTOR = re.compile(r"sector\d+$")


def deciding_check(
    location: Location, gazetteer: Gazetteer, *, has_port: bool = False
) -> Reason | None:
    """The single most useful thing to find out next. None where nothing is left to decide.

    `has_port`: the report gives a source port with its IP address, so a subscriber can be named.
    """
    if answer_of(location).answer not in {Answer.REVIEW, Answer.UNKNOWN}:
        return None
    return next(_checks(_Said(location, gazetteer, has_port)))


@dataclass
class _Said:
    """What the answer says, as the checks ask for it."""

    location: Location
    gazetteer: Gazetteer
    has_port: bool

    @property
    def first(self) -> Candidate | None:
        return self.location.best

    @property
    def second(self) -> Candidate | None:
        return self.location.candidates[1] if len(self.location.candidates) > 1 else None

    @cached_property
    def by_code(self) -> dict[str, Params]:
        """Reasons for the whole by code, the first of each."""
        out: dict[str, Params] = {}
        for reason in self.location.reasons:
            out.setdefault(reason.code, dict(reason.params))
        return out

    @cached_property
    def kinds(self) -> set[EvidenceKind]:
        every = [*self.location.reasons]
        every += [reason for each in self.location.candidates for reason in each.reasons]
        return {EvidenceKind(each.evidence) for each in every if each.evidence}

    @property
    def has_pin(self) -> bool:
        return any(code in self.by_code for code in ("pin-one-station", "pin-stations"))

    @property
    def has_listed_name(self) -> bool:
        return "locality-name" in self.by_code or "reported-name" in self.by_code


def _checks(said: _Said) -> Iterator[Reason]:
    """Every check that would help, the most useful first. Never empty."""
    yield from _of_coarse_evidence(said)
    yield from _of_claims(said)
    yield from _of_contradictions(said)
    yield from _of_points(said)
    yield from _of_doubtful_names(said)
    if said.first is not None and said.second is not None:
        yield from _between(said, said.first, said.second)
    yield from _of_what_lacks(said)


def _of_coarse_evidence(said: _Said) -> Iterator[Reason]:
    """Only evidence that cannot name a station."""
    if not said.kinds or not said.kinds <= NAMES_NO_STATION:
        return
    if EvidenceKind.IP_LOOKUP not in said.kinds:
        yield Reason("ask-for-ips")
    else:
        yield Reason("ask-installation" if said.has_port else "ask-port")


def _of_claims(said: _Said) -> Iterator[Reason]:
    """Delhi or another State, Delhi or abroad."""
    wrong_pin = said.by_code.get("pin-unknown")
    if wrong_pin is not None:
        yield Reason("no-such-pin", (("pin", wrong_pin["pin"]),))
    if "too-little" in said.by_code and "common-name" in said.by_code:
        yield Reason("which-town", (("name", said.by_code["common-name"]["name"]),))
    conflict = said.by_code.get("claims-conflict")
    if conflict is None:
        return
    if Outcome.DELHI.value not in conflict.values():
        yield Reason("which-country")
    if Outcome.ABROAD.value in conflict.values():
        yield Reason("delhi-or-abroad")
    other_pin = said.by_code.get("pin-other-state")
    if other_pin is not None:
        yield Reason("pin-or-delhi", (("pin", other_pin["pin"]), ("state", other_pin["state"])))
    for code in ("near-delhi-city", "city-named"):
        if code in said.by_code:
            params = said.by_code[code]
            yield Reason("delhi-or-city", (("city", params["city"]), ("state", params["state"])))
    if "state-named" in said.by_code:
        yield Reason("delhi-or-state", (("state", said.by_code["state-named"]["state"]),))
    yield Reason("delhi-or-elsewhere")


def _of_contradictions(said: _Said) -> Iterator[Reason]:
    """One thing said speaks against another."""
    against_pin = said.by_code.get("locality-against-pin")
    if against_pin is not None:
        params = (("pin", against_pin["pin"]), ("name", against_pin["name"]))
        yield Reason("pin-or-locality", params)
    stated = _holding(said, "station-stated")
    other = next((each for each in said.location.candidates if each is not stated), None)
    if stated is not None and other is not None and other.reasons:
        is_alone = all(reason.code == "station-stated" for reason in stated.reasons)
        if is_alone or stated is not said.first:
            yield Reason("stated-station", _stations(stated, other))
    if "pieces-disagree" in said.by_code and said.first and said.second:
        is_installed = EvidenceKind.INSTALLATION_ADDRESS in said.kinds
        code = "which-is-current" if is_installed else "installation-decides"
        yield Reason(code, _stations(said.first, said.second))


def _of_points(said: _Said) -> Iterator[Reason]:
    inside = _holding(said, "point-in-area")
    if inside is not None:
        metres = int(_params_of(inside, "point-in-area")["metres"])
        others = [each for each in said.location.candidates if each is not inside]
        named = next((each for each in others if _places(each)), None)
        if named is not None and not _places(inside):
            yield Reason("point-or-address", _stations(inside, named))
        if others and metres < POINT_SURE_FROM_M:
            params = (*_stations(inside, others[0]), ("metres", metres))
            yield Reason("point-near-limit", params)
    beside = said.by_code.get("point-just-outside")
    if beside is not None:
        yield Reason("point-beside-delhi", tuple(sorted(beside.items())))
    if "point-between" in said.by_code:
        yield Reason("point-without-areas")


def _of_doubtful_names(said: _Said) -> Iterator[Reason]:
    """A name that was guessed, is only a road's or only a station's."""
    if said.has_listed_name:
        return
    alike = said.by_code.get("locality-like")
    if alike is not None:
        yield Reason("is-it-spelt", (("written", alike["written"]), ("name", alike["name"])))
    for code, check in (("road-named", "where-on-road"), ("station-name-only", "near-station")):
        if code in said.by_code:
            yield Reason(check, (("name", said.by_code[code]["name"]),))


def _between(said: _Said, first: Candidate, second: Candidate) -> Iterator[Reason]:
    """What tells the two likeliest apart."""
    stations = _stations(first, second)
    shared = _shared(first, second, "locality-share", "name")
    if shared:
        key = "".join(fold(shared))
        name: tuple[tuple[str, str | int], ...] = (("name", shared),)
        if said.gazetteer.has_parts(key, {"sector"}):
            yield Reason("which-sector", name)
        if not said.has_pin and first.district_code != second.district_code:
            districts = (("district", first.district_code), ("other", second.district_code))
            yield Reason("which-district", (*name, *districts))
        pins = _pins_apart(said.gazetteer, first, second)
        if not said.has_pin and pins:
            yield Reason("pin-decides", (*stations, ("pin", pins[0]), ("other_pin", pins[1])))
        yield Reason("which-pocket" if _SECTOR.search(key) else "house-number", (*name, *stations))
    pin = _shared(first, second, "pin-share", "pin")
    if pin:
        code = "house-in-pin" if said.has_listed_name else "locality-in-pin"
        yield Reason(code, (("pin", pin), *stations))
    names = [_names(first), _names(second)]
    if all(names):
        yield Reason("which-name", (("name", names[0][0]), ("other_name", names[1][0]), *stations))


def _of_what_lacks(said: _Said) -> Iterator[Reason]:
    newer = said.by_code.get("newer-station")
    if newer is not None:
        yield Reason("ask-parent", tuple(sorted(newer.items())))
    if said.kinds == {EvidenceKind.FREE_TEXT}:
        yield Reason("ask-declared")
    unmapped = said.by_code.get("pin-not-mapped")
    if unmapped is not None:
        yield Reason("place-in-pin", (("pin", unmapped["pin"]),))
    if "delhi-named" in said.by_code and said.first is None:
        yield Reason("only-delhi")
    if said.first is not None and said.first.station_code:
        yield Reason("full-address", (("station", said.first.station_code),))
    if said.first is not None:
        yield Reason("station-in-district", (("district", said.first.district_code),))
    yield Reason("ask-address")


def _holding(said: _Said, code: str) -> Candidate | None:
    """The candidate for which a reason of this code speaks."""
    return next((each for each in said.location.candidates if _params_of(each, code)), None)


def _params_of(candidate: Candidate, code: str) -> Params:
    """Of the first reason of a code; empty if there is none."""
    return next((dict(each.params) for each in candidate.reasons if each.code == code), {})


def _shares(candidate: Candidate, code: str, about: str) -> dict[str, int]:
    """Name or PIN to the percent of it that the candidate holds."""
    found = [dict(each.params) for each in candidate.reasons if each.code == code]
    return {str(params[about]): int(params["percent"]) for params in found}


def _shared(first: Candidate, second: Candidate, code: str, about: str) -> str:
    """What both hold a part of, that of which the second holds most. Empty if nothing."""
    one, other = _shares(first, code, about), _shares(second, code, about)
    both = [each for each in one if min(one[each], other.get(each, 0)) >= SHARE_COUNTS_FROM]
    return max(both, key=lambda each: (other[each], each), default="")


def _names(candidate: Candidate) -> list[str]:
    """Localities of which it holds a part, the largest part first."""
    shares = _shares(candidate, "locality-share", "name")
    return sorted(shares, key=lambda name: (-shares[name], name))


def _places(candidate: Candidate) -> bool:
    return bool(_names(candidate) or _shares(candidate, "pin-share", "pin"))


def _stations(first: Candidate, second: Candidate) -> tuple[tuple[str, str | int], ...]:
    """Both as parameters; a district where no station can be named."""
    one, other = (each.station_code or each.district_code for each in (first, second))
    return (("station", one), ("other", other))


def _pins_apart(
    gazetteer: Gazetteer, first: Candidate, second: Candidate
) -> tuple[str, str] | None:
    """The main PIN of each, where it does not reach into the other's area."""
    mains = []
    for own, other in ((first, second), (second, first)):
        station = own.station_code or ""
        held = {pin: each[station] for pin, each in gazetteer.pins.items() if station in each}
        if not held:
            return None
        main = max(held, key=lambda pin: (held[pin], pin))
        reaches = gazetteer.pins[main].get(other.station_code or "", 0.0)
        if 100 * reaches >= SHARE_COUNTS_FROM:
            return None
        mains.append(main)
    return mains[0], mains[1]
