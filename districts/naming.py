"""Every name of the gazetteer, with the stations that it stands for. No Django, no clock."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .folding import fold, word_set
from .parts import Part, stem_and_parts, written_parts
from .places import KEY_FROM_LENGTH, KnownName, Spread, StationFact
from .vocabulary import INSTITUTIONS, LANES, ROADS, says_a_place

Place = tuple[str, str, float, float]
"""Name, kind, latitude and longitude."""

KIND_WEIGHT = {
    "post-office locality": 1.0,  # a point in use today
    "village/census-town 2011": 0.8,  # true outline, 2011; villages give their name to colonies
    "municipal ward (2007 delimitation)": 0.7,  # wards reach beyond the locality they are named for
    "station name": 0.6,  # the locality of that name is mostly, not always, in the station
}
"""How much a kind of row counts where several carry one name."""
OTHER_KIND_WEIGHT = 0.5

STATION_NAME_KIND = "station name"
ALONE: Mapping[str, float] = {STATION_NAME_KIND: 0.6}
"""Share of the station that a name of its own speaks for: most call the locality too; estimates."""

CALLED_AFTER = frozenset({"bus stop", "landmark", "market", "block", "post-office locality"})
UNCHECKED = CALLED_AFTER - {"post-office locality"}
"""Kinds whose names are often a temple's or a school's, of which there are many."""
PART_KIND = "part"
REPORTED_KIND = "reported"
"""A place that press or courts put under a station: no part of its name is another's."""
SHARED_KIND = "shared"
"""What a name is taken to mean that stands in several parts of Delhi, or on the line of two areas:
it holds whatever its places say.
"""
CALLED_AFTER_FROM = 0.02  # overlap of spreads: a school called after Rohini may stand elsewhere
POST_TOWN = 0.8
"""Of what a post town says behind a narrower name, the share of the stations about it, evenly."""
AROUND_WEIGHT = 0.3  # of a place that is called after a locality, for how far that reaches
_ROAD_AFTER = {(word,) for word in ROADS | LANES}

COMMON_NAMES = word_set(
    "adarshnagar ashoknagar civillines cantt gandhinagar ganeshnagar govindpuri harinagar "
    "indiranagar jawaharnagar krishnanagar laxminagar modeltown motinagar nehrunagar newcolony "
    "patelnagar premnagar rajendranagar rajindernagar rajnagar ramnagar sadarbazar sadarbazaar "
    "shantinagar shastrinagar shivajinagar shyamnagar subhashnagar tilaknagar vijaynagar "
    "vivekvihar ambedkarnagar bharatnagar anandvihar kirtinagar azadnagar maidan khera "
    "rampur alipur shivvihar vikasnagar sangamvihar jamamasjid"
)
"""Names found in towns all over India: alone they do not say Delhi."""

_NOT_PLACES = word_set(
    "delhi newdelhi ndmc dmc pur city airport highcourt powerhouse village market secretariat "
    "gpo esi fai iol cvd northdelhi southdelhi eastdelhi westdelhi centraldelhi colony nagar vihar"
)
_MANY_PLACES = frozenset(
    "".join(fold(name))
    for name in (
        *("Mandi", "Bhagat Singh", "Shaheed Bhagat Singh", "Mohan Singh", "Maharaja Agrasen"),
        *("PWD Office", "Education Office", "Check Post", "Blood Bank", "Art Gallery"),
        *("Vriddha Ashram", "वृद्धाश्रम", "वृद्ध आश्रम", "Vasant", "Commonwealth Games"),
        *("Tata Motors", "Indian Oil Corporation", "Indian Oil Station", "Bharat Petrolium"),
        *("Indian Airlines", "Annpurna Mandir", "Satya Narayan Mandir", "Jain Mandir"),
        *("RS Satsang", "Radha Swami Satsang", "Air Force Office", "Garrison Engg", "DESU Office"),
        *("Chhathh Ghat Park", "Chhath Ghat Park", "Jheel", "Dhaka", "Anmol Apartment"),
        *("Anmol Apartments", "Unani Hospital", "Sharma Market", "Pipal Chowk", "Peepal Chowk"),
        *("Haldiram", "Madarsa", "Telephone Exchange", "Punjab Kesari", "Ice Factory"),
        *("Khatu Shyam Chowk", "Lajpat Nagar South Delhi", "Mother Dairy Road", "CPWD Office"),
        *("Metro Train Depot", "Pusta Crossing", "Ambedkar Park", "Shiv Shakti School", "Regal"),
        *("Shyam Tower", "Anarkali", "District Courts", "Gali Durga Mandir"),
        *("NDC NDHO", "NDPO", "Vidhan Sabha", "Exchange Store", "OS Communications", "Cargo"),
        *("Supply Depot", "HR Border", "Modern Batta", "Sanchar Office", "North Point", "Dera"),
        *("Dwarka Road", "Basant", "Goenka Public School", "Vardhman NX", "Richi Rich"),
        *("Shivam Plywood", "Yadav Hotel", "Air Force Camp", "AirForce Station"),
        *("Transport Department", "DDA Booster Pump Station", "GH 13", "Tata Motors Gali No 6"),
        *("Shree Hospital", "CRPF Camp", "Bhati", "Charahat", "14 Paschim Vihar"),
        *("Plot 3 Dwarka", "Dwarka Pocket B", "Maurya Enclave Connaught Place", "Narela A"),
        *("Ravidas Mandir", "Dena Apartment", "Singhu School", "Shalimar", "ESI Dispensary"),
        *("North West Delhi", "Gopal Chowk", "Krishna Enclave", "AAA Hospital", "BDO Office"),
        "Aradhana Apartment",
    )
)
"""Names of persons, companies and common things: by themselves they name no place in Delhi."""
_TAIL = re.compile(
    r"(?i)\s*\b(po|so|bo|gpo|so (north|south|east|west|new|central).*delhi|postal sb|"
    r"charge\s*\d+|\(part\)|\(u\).*)\s*$"
)
_DESIGNATORS = word_set(
    "phase sector block part pocket extension north south east west central market village "
    "1 2 3 4 5 6 a b c d e f g h j k"
)


def every_name(
    spreads: Mapping[Place, Spread],
    station_names: Mapping[str, str],
    stations: Mapping[str, StationFact],
    *,
    other_names: Iterable[tuple[str, str]],
    post_towns: Mapping[str, Iterable[str]],
    shared: Mapping[str, Spread],
) -> dict[str, KnownName]:
    """By key: names of places and stations, what they are called otherwise, and post towns; names
    that are shared mean what is said of them.
    """
    names = _known_names(spreads, station_names, stations)
    names |= _stations_called(station_names, names, stations)
    names |= _called_otherwise(other_names, names)
    names |= _post_towns(post_towns, names, stations)
    return names | {
        key_of(name): replace(
            names.get(key_of(name)) or _reported(name),
            spread=spread,
            is_station_name_only=False,
        )
        for name, spread in shared.items()
    }


def _reported(name: str) -> KnownName:
    key = key_of(name)
    return KnownName(
        key=key,
        name=name,
        spread={},
        is_station_name_only=False,
        is_common=key in COMMON_NAMES,
        is_reported=True,
        is_road=_is_road(name),
        is_institution=_is_institution(name),
        stem=key,
    )


def families(names: Mapping[str, KnownName]) -> dict[str, tuple[KnownName, ...]]:
    found: dict[str, list[KnownName]] = defaultdict(list)
    for key in sorted(names):
        if names[key].parts and names[key].stem in names:
            found[names[key].stem].append(names[key])
    return {stem: tuple(members) for stem, members in found.items()}


def key_of(name: str) -> str:
    return "".join(fold(name))


def is_name(key: str) -> bool:
    is_long = len(key) >= KEY_FROM_LENGTH and not key.isdigit()
    return is_long and key not in _NOT_PLACES and key not in _MANY_PLACES


@dataclass
class _Named:
    """What is known of one key while names are gathered."""

    name: str
    by_kind: dict[str, list[tuple[float, Spread]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    around: list[tuple[float, Spread]] = field(default_factory=list)
    """Places called after it: they show how far a wide locality reaches."""
    stem: str = ""
    parts: frozenset[Part] = frozenset()

    @property
    def kinds(self) -> set[str]:
        return set(self.by_kind)

    @property
    def placed(self) -> list[tuple[float, Spread]]:
        """Where it is. The stop of a hospital's name stands across the road from it."""
        kinds = self.kinds - {"bus stop"} if "landmark" in self.kinds else self.kinds
        return [each for kind in sorted(kinds) for each in self.by_kind[kind]]

    @property
    def spread(self) -> Spread:
        return _mean([*self.placed, *self.around])


def _known_names(
    spreads: Mapping[Place, Spread],
    station_names: Mapping[str, str],
    stations: Mapping[str, StationFact],
) -> dict[str, KnownName]:
    """Every name with the mean of its places; a wide name (Rohini) has that of its parts."""
    named: dict[str, _Named] = {}
    for (name, kind, _, _), spread in spreads.items():
        weight = KIND_WEIGHT.get(kind, OTHER_KIND_WEIGHT)
        for clean in _variants(name):
            words = fold(clean)
            stem, parts = words, frozenset[Part]()
            if kind != REPORTED_KIND:
                stem, parts = stem_and_parts(words)
            if kind in UNCHECKED and not says_a_place(stem):
                continue
            own = "".join(words)
            shorter = words[:-1] if words[-2:] == ("metro", "station") else words
            keys = [own, "".join(shorter)]
            # The school of one sector is not that of the next.
            is_one_of_many = kind in UNCHECKED and parts and INSTITUTIONS.intersection(stem)
            if kind != REPORTED_KIND and not is_one_of_many:
                keys += [*_wider(words), "".join(stem)]
            for key in dict.fromkeys(keys):
                if not (is_name(key) or (key == own and _is_initials(clean))):
                    continue
                shown = clean if key == own else _shown(words, stem, key)
                entry = named.setdefault(key, _Named(shown, stem=key))
                if key == own:
                    entry.name, entry.stem, entry.parts = clean, "".join(stem), parts
                entry.by_kind[kind].append((weight, spread))
    for key, code in station_names.items():
        is_own = key == key_of(stations[code].name) or key_of(stations[code].name) not in named
        if key not in named and is_own:
            spread = {code: ALONE[STATION_NAME_KIND]}
            named[key] = _Named(stations[code].name, stem=key)
            named[key].by_kind[STATION_NAME_KIND].append((1.0, spread))
    _call_after(named, spreads)
    return {
        key: KnownName(
            key=key,
            name=entry.name,
            spread=entry.spread,
            is_station_name_only=entry.kinds <= {STATION_NAME_KIND},
            is_minor=entry.kinds == {"bus stop"},
            is_reported=entry.kinds == {REPORTED_KIND},
            is_common=key in COMMON_NAMES,
            is_road=_is_road(entry.name),
            is_institution=_is_institution(entry.name),
            stem=entry.stem,
            parts=entry.parts,
        )
        for key, entry in named.items()
    }


def _call_after(named: dict[str, _Named], spreads: Mapping[Place, Spread]) -> None:
    """`Hanuman Mandir, Rohini Sec 7` shows where sector 7 is, and how far Rohini reaches."""
    colonies = {
        key
        for key, entry in named.items()
        if entry.kinds - {STATION_NAME_KIND, REPORTED_KIND, *UNCHECKED} and not entry.parts
    }
    for (name, kind, _, _), spread in spreads.items():
        if kind not in CALLED_AFTER:
            continue
        words = fold(name)
        parts = frozenset(each.part for each in written_parts(words) if each.is_plain)
        for start, end in _inner_runs(words):
            key = "".join(words[start:end])
            if key not in colonies or words[end : end + 1] in _ROAD_AFTER:
                continue
            colony = named[key]
            if _overlap(_mean(colony.placed), spread) < CALLED_AFTER_FROM:
                continue
            colony.around.append((AROUND_WEIGHT, spread))
            if parts:
                part_key = key + "".join(f"{d}{value}" for d, value in sorted(parts))
                shown = " ".join(words[start:end]).title() + _shown_parts(parts)
                entry = named.setdefault(part_key, _Named(shown, stem=key, parts=parts))
                entry.by_kind[PART_KIND].append((1.0, spread))


def _inner_runs(words: tuple[str, ...]) -> list[tuple[int, int]]:
    count = len(words)
    return [
        (start, end)
        for length in range(min(4, count - 1), 0, -1)
        for start in range(count - length + 1)
        if (end := start + length) and length < count
    ]


def _overlap(one: Spread, other: Spread) -> float:
    return sum(min(share, other.get(code, 0.0)) for code, share in one.items())


def _shown_parts(parts: frozenset[Part]) -> str:
    return "".join(f" {designator.title()} {value.upper()}" for designator, value in sorted(parts))


def _stations_called(
    station_names: Mapping[str, str],
    names: Mapping[str, KnownName],
    stations: Mapping[str, StationFact],
) -> dict[str, KnownName]:
    """What stations are called otherwise, as in Hindi: their locality too, where it is theirs."""
    out: dict[str, KnownName] = {}
    for key, code in station_names.items():
        own = names.get(key_of(stations[code].name))
        if key not in names and own is not None:
            is_theirs = own.best[0] == code
            spread = own.spread if is_theirs else {code: ALONE[STATION_NAME_KIND]}
            out[key] = replace(
                own,
                key=key,
                spread=spread,
                stem=key,
                parts=frozenset(),
                is_station_name_only=own.is_station_name_only or not is_theirs,
            )
    return out


def _called_otherwise(
    other_names: Iterable[tuple[str, str]], names: Mapping[str, KnownName]
) -> dict[str, KnownName]:
    """Other names of known places; a name that is a place's own keeps its place."""
    out: dict[str, KnownName] = {}
    for other, same_as in other_names:
        key, known = key_of(other), names.get(key_of(same_as))
        if known is not None and key not in names and (is_name(key) or _is_initials(other)):
            out[key] = replace(
                known,
                key=key,
                name=other,
                stem=key,
                parts=frozenset(),
                is_road=_is_road(other),
                is_institution=_is_institution(other),
            )
    return out


def _post_towns(
    post_towns: Mapping[str, Iterable[str]],
    names: Mapping[str, KnownName],
    stations: Mapping[str, StationFact],
) -> dict[str, KnownName]:
    """Names of old towns with what they say behind the name of a village or colony."""
    out: dict[str, KnownName] = {}
    for town, codes in post_towns.items():
        known = names.get(key_of(town))
        among = [code for code in codes if code in stations]
        if known is not None and among:
            behind = defaultdict(float, {code: POST_TOWN / len(among) for code in among})
            for code, share in known.spread.items():
                behind[code] += (1 - POST_TOWN) * share
            out[known.key] = replace(known, behind=dict(behind))
    return out


def _variants(name: str) -> list[str]:
    """The names in one entry: bus stops are called `Burari / Sant Nagar`."""
    return [part for part in (_clean(part) for part in name.split("/")) if part]


def _shown(words: tuple[str, ...], stem: tuple[str, ...], key: str) -> str:
    if "".join(stem) == key:
        return " ".join(stem).title()
    return " ".join(words[: _length_of(words, key)]).title()


def _clean(name: str) -> str:
    """The name without what the lists add: `(Part)`, `PO`, a word cut off at `*`."""
    name = name.split("(")[0].strip() or name
    if name.endswith("*"):
        cut = name.rsplit(" ", 1)[0]
        name = "" if re.search(r"\b\w \w \w\b", name) else cut
    return _TAIL.sub("", name).strip()


def _wider(words: tuple[str, ...]) -> list[str]:
    out: list[str] = []
    while len(words) > 1 and (words[-1] in _DESIGNATORS or words[-1].isdigit()):
        tail, words = words[-1], words[:-1]
        if len(words) == 1 and tail == "market":
            break  # Azad Market calls no place Azad
        if tail.isdigit() and stem_and_parts(words)[1]:
            continue  # E Block of Greater Kailash 2 is not that of Greater Kailash 1
        if words[-1] not in _DESIGNATORS and says_a_place(words):
            out.append("".join(words))
    return out


def _length_of(words: tuple[str, ...], key: str) -> int:
    return next(n for n in range(1, len(words) + 1) if "".join(words[:n]) == key)


def _is_road(name: str) -> bool:
    return not ROADS.isdisjoint(fold(name)[-1:])


def _is_institution(name: str) -> bool:
    return bool(INSTITUTIONS.intersection(fold(name)))


def _is_initials(name: str) -> bool:
    """JNU and ITO are too short for a word, yet name one place."""
    is_short = len(name) == KEY_FROM_LENGTH - 1 and name.isalpha() and name.isupper()
    return is_short and name.lower() not in _NOT_PLACES


def _mean(parts: Sequence[tuple[float, Spread]]) -> dict[str, float]:
    out: dict[str, float] = defaultdict(float)
    total = sum(weight for weight, _ in parts)
    for weight, spread in parts:
        for station, share in spread.items():
            out[station] += share * weight / total
    return dict(out)
