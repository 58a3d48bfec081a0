"""The two files of a reorganisation: a list of the stations that open and close, and the layer of
all areas there will be. Every fault names its row or feature and what to do.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from io import StringIO
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from shapely.geometry import shape

from . import reference
from .layer_file import UnreadableBoundaries, geometries_of, is_code
from .models import PoliceStation, StationAlias
from .naming import key_of
from .overlapping import overlapping
from .places import Gazetteer
from .reorganising import Opened, Reorganisation

COLUMNS = ("change", "ps_code", "name", "name_hi", "district_code", "parent_ps_codes")
BYTES_AT_MOST = 10_000_000  # a detailed layer of the city has about one
UNSEEN = ("C", "Zl", "Zp")  # categories: control, format and unassigned characters, line ends
FORMULA = tuple("=+-@")
"""What a sheet program takes for a formula at the beginning of a cell."""
NAME_AT_MOST = 120
CODES_SHOWN = 10
ROWS_AT_MOST = 1000
SAME = 1e-9  # degrees; a tenth of a millimetre


class WrongReorganisation(Exception):
    """The stations and areas do not fit each other, or the ones of before."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults
        """In words, in the language of the moment."""


def text_of(content: bytes) -> str:
    """Raises UnreadableBoundaries."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UnreadableBoundaries(_("the file is not UTF-8 text; save it as UTF-8")) from fault


def layer_of(text: str) -> Any:
    """What a text of JSON holds. Raises UnreadableBoundaries."""
    try:
        return json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as fault:
        raise UnreadableBoundaries(_("the file is not JSON; export it as GeoJSON")) from fault


def no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def read_change(*, stations: str, layer: Any, present: Gazetteer, from_on: date) -> Reorganisation:
    """From the text of a CSV file with COLUMNS (`change` is `opens` or `closes`; empty if only
    areas change) and a GeoJSON layer, to be put in the place of what is `present` on a day.

    Raises WrongReorganisation and layer_file.UnreadableBoundaries.
    """
    opens: dict[str, tuple[int, Opened]] = {}
    closes: dict[str, int] = {}
    faults: list[tuple[int, str]] = []
    for number, row in rows_of_list(stations):
        code, says = row["ps_code"], row["change"]
        said: dict[str, object] = {"row": number, "code": code, "value": says}
        if not code:
            fault = _("row %(row)s: no station is named; write its code in ps_code")
        elif not is_code(code):
            fault = _(
                "row %(row)s: a station cannot have this code; write capital letters, digits and "
                "hyphens, 60 at most"
            )
        elif code in opens or code in closes:
            fault = _("row %(row)s: %(code)s is there twice; leave one row out")
        elif says == "opens":
            opens[code] = number, opened(row)
            continue
        elif says == "closes":
            closes[code] = number
            if code in present.stations:
                continue
            fault = _(
                "row %(row)s: %(code)s closes and is not known; take the code of a station with an "
                "area"
            )
        else:
            fault = _(
                "row %(row)s: %(code)s neither opens nor closes: it says “%(value)s”; write "
                "opens or closes in change"
            )
        faults.append((number, fault % said))
    change = Reorganisation(
        opens=tuple(each for _row, each in opens.values()),
        closes=tuple(closes),
        areas=geometries_of(layer),
    )
    taken = set(PoliceStation.objects.filter(code__in=opens).values_list("code", flat=True))
    names = names_after(change, present)
    for number, each in opens.values():
        said = {"row": number, "code": each.code}
        faults += [(number, fault % said) for fault in faults_of(each, change, present, taken)]
        faults += [(number, fault % said) for fault in faults_of_names(each, names)]
    late = PoliceStation.objects.filter(code__in=closes, valid_from__gte=from_on)
    for code in late.values_list("code", flat=True):
        fault = _(
            "row %(row)s: %(code)s opens on the day it would close, or later; choose a later day"
        )
        faults.append((closes[code], fault % {"row": closes[code], "code": code}))
    if faults:
        raise WrongReorganisation(*(fault for _row, fault in sorted(faults)))
    check_layer(change, present)
    return change


def check_layer(change: Reorganisation, present: Gazetteer) -> None:
    """Raises UnreadableBoundaries where it is not the layer of all stations there will be."""
    opens = {each.code for each in change.opens}
    after = (set(present.stations) | opens) - set(change.closes)
    had = {code for code, _area in present.areas}
    if wrong := set(change.areas) - after:
        raise UnreadableBoundaries(
            _(
                "it has areas of stations that there will not be (%(codes)s); take them out, or "
                "open the stations in the list"
            )
            % {"codes": some(wrong)}
        )
    if missing := (had & after) - set(change.areas):
        raise UnreadableBoundaries(
            _(
                "it lacks areas of stations that stay and have one now (%(codes)s); the layer "
                "holds all areas there will be"
            )
            % {"codes": some(missing)}
        )

    areas = {code: shape(dict(geometry)) for code, geometry in change.areas.items()}
    old = {code: area.normalize() for code, area in present.areas}
    touched = {
        code
        for code, area in areas.items()
        if code not in old or not area.normalize().equals_exact(old[code], SAME)
    }
    if not (touched or change.opens or change.closes):
        raise UnreadableBoundaries(
            _("it opens, closes and changes nothing; upload the areas there will be")
        )
    for one, other in overlapping(areas, touched):
        raise UnreadableBoundaries(
            _(
                "the areas of %(one)s and %(other)s overlap by more than 5 %% of the smaller; "
                "draw them apart"
            )
            % {"one": one, "other": other}
        )


def some(codes: Collection[str]) -> str:
    shown = ", ".join(sorted(codes)[:CODES_SHOWN])
    return f"{shown}, …" if len(codes) > CODES_SHOWN else shown


def rows_of_list(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with the number of their line. Raises WrongReorganisation."""
    lines = csv.DictReader(StringIO(text, newline=""), restval="", restkey="more")
    try:
        missing = [name for name in COLUMNS if name not in (lines.fieldnames or COLUMNS)]
        if missing:
            raise WrongReorganisation(
                _("the list of stations has no column %(column)s; its first line must be %(all)s")
                % {"column": missing[0], "all": ",".join(COLUMNS)}
            )
        for number, row in enumerate(lines):
            if number == ROWS_AT_MOST:
                raise WrongReorganisation(
                    _("the list has more than %(count)s rows; leave out stations that only stay")
                    % {"count": ROWS_AT_MOST}
                )
            if "more" in row:
                raise WrongReorganisation(
                    _(
                        "row %(row)s: more cells than columns; put quotation marks around a cell "
                        "with a comma"
                    )
                    % {"row": lines.line_num}
                )
            yield lines.line_num, {name: row[name].strip() for name in COLUMNS}
    except csv.Error as fault:
        raise WrongReorganisation(
            _("row %(row)s: it cannot be read; save the list as CSV") % {"row": lines.line_num}
        ) from fault


def opened(row: Mapping[str, str]) -> Opened:
    return Opened(
        code=row["ps_code"],
        name=row["name"],
        name_hi=row["name_hi"],
        district_code=row["district_code"],
        parents=tuple(reference.split(row["parent_ps_codes"])),
    )


def faults_of(
    each: Opened, change: Reorganisation, present: Gazetteer, taken: Collection[str]
) -> Iterator[str]:
    """With `%(row)s` and `%(code)s` still to be put in."""
    if each.code in taken:
        yield _(
            "row %(row)s: %(code)s is there already; take a code that no station has or ever had"
        )
    elif each.code not in change.areas:
        yield _(
            "row %(row)s: %(code)s opens without an area; add a feature with this ps_code to the "
            "layer"
        )
    if each.district_code not in {known.district_code for known in present.stations.values()}:
        yield _("row %(row)s: the district of %(code)s is not known; write its code as ROH")
    for parent in each.parents:
        if parent not in present.stations:
            yield _(
                "row %(row)s: %(code)s comes out of a station that is not known; write codes, with "
                "| between them, in parent_ps_codes"
            )
        elif parent not in change.closes and parent not in change.areas:
            # Otherwise all of its places would go to the areas around.
            yield _(
                "row %(row)s: %(code)s comes out of a station that stays and has no area in the "
                "layer; add the area that is left to it"
            )


def names_after(change: Reorganisation, present: Gazetteer) -> Mapping[str, Collection[str]]:
    """Keys of the names and aliases there will be, with the codes of their stations."""
    aliases = StationAlias.objects.filter(station__code__in=present.stations)
    known = [(key_of(alias), code) for alias, code in aliases.values_list("alias", "station__code")]
    known += [(key_of(fact.name), code) for code, fact in present.stations.items()]
    known += present.station_names.items()
    stay = [(key, code) for key, code in known if code not in change.closes]
    new = [(key_of(name), each.code) for each in change.opens for name in names_of(each)]
    found = defaultdict[str, set[str]](set)
    for key, code in stay + new:
        found[key].add(code)
    return found


def names_of(each: Opened) -> list[str]:
    return [each.name, each.name_hi] if each.name_hi else [each.name]


def faults_of_names(each: Opened, names: Mapping[str, Collection[str]]) -> Iterator[str]:
    """With `%(row)s` and `%(code)s` still to be put in."""
    own = names_of(each)
    keys = [key_of(name) for name in own]
    if not all(any(map(str.isalpha, key)) for key in keys) or len(max(own, key=len)) > NAME_AT_MOST:
        yield _("row %(row)s: %(code)s needs a name of 120 letters at most; write it in name")
    elif any(len(names[key]) > 1 for key in keys):
        yield _(
            "row %(row)s: %(code)s has a name that another station has or is known by; give it "
            "another"
        )
    if any(unicodedata.category(char).startswith(UNSEEN) for name in own for char in name):
        yield _("row %(row)s: a name of %(code)s has characters that cannot be seen; type it anew")
    if any(name.startswith(FORMULA) for name in own):
        yield _(
            "row %(row)s: a name of %(code)s begins with = + - or @; begin it with a letter or "
            "digit"
        )
