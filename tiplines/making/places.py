"""Where made people live: Delhi addresses of known station, look-alikes nearby, elsewhere, abroad.

Delhi localities come from the gazetteer that the system itself ships, and only rows on which two
facts agree: a post office well inside one station's area, or a station's own name with its nearest
PIN.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from random import Random

GAZETTEER = Path(__file__).resolve().parents[2] / "districts" / "data"

INSIDE_METRES = 200  # a post office nearer to its area's edge may be served from next door


@dataclass(frozen=True, slots=True)
class DelhiPlace:
    locality: str
    pin: str
    station_code: str
    district_code: str


@dataclass(frozen=True, slots=True)
class OtherPlace:
    city: str
    state: str
    pin_stem: str
    """The first digits of its PIN codes; the rest is drawn."""
    localities: tuple[str, ...]


class Detail(StrEnum):
    """How much a report gives away about the place."""

    FULL = "full address"
    LOCALITY = "locality and city"
    PIN = "city and PIN"
    CITY = "city only"
    ESTIMATE = "provider's estimate only"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePlace:
    """A home and the truth about it, whatever the report later says."""

    text: str = ""
    city: str = ""
    pin: str = ""
    state: str = ""
    country: str = ""
    """ISO code; empty when the place is not known to anyone."""
    district_code: str = ""
    station_code: str = ""
    locality: str = ""


NOWHERE = MadePlace()


def _other(city: str, state: str, pin_stem: str, localities: str) -> OtherPlace:
    return OtherPlace(city, state, pin_stem, tuple(localities.split("|")))


# Around Delhi, with localities that Delhi has too.
LOOK_ALIKES = (
    _other(
        "Ghaziabad",
        "Uttar Pradesh",
        "2010",
        "Indirapuram|Vaishali|Patel Nagar|Raj Nagar|Vasundhara",
    ),
    _other("Noida", "Uttar Pradesh", "2013", "Sector 62|Sector 18|Hoshiarpur|Sector 137"),
    _other("Greater Noida", "Uttar Pradesh", "2013", "Alpha 1|Beta 2|Surajpur"),
    _other("Gurugram", "Haryana", "1220", "DLF Phase 3|Sector 14|Palam Vihar|Sohna Road"),
    _other("Gurgaon", "Haryana", "1220", "Laxman Vihar|Rajendra Park|Sector 56"),
    _other("Faridabad", "Haryana", "1210", "NIT|Ballabgarh|Sector 21|Badarpur Border"),
    _other("Sahibabad", "Uttar Pradesh", "2010", "Shalimar Garden|Lajpat Nagar|Mohan Nagar"),
    _other("Bahadurgarh", "Haryana", "1245", "Line Par|Sector 6|Model Town"),
    _other("Sonipat", "Haryana", "1310", "Model Town|Kundli|Murthal Road"),
)
FARTHER = (
    _other("Mumbai", "Maharashtra", "4000", "Andheri East|Kurla|Malad West|Dharavi"),
    _other("Pune", "Maharashtra", "4110", "Hadapsar|Kothrud|Wakad"),
    _other("Bengaluru", "Karnataka", "5600", "Whitefield|Jayanagar|BTM Layout"),
    _other("Chennai", "Tamil Nadu", "6000", "Velachery|T Nagar|Ambattur"),
    _other("Hyderabad", "Telangana", "5000", "Kukatpally|Ameerpet|Charminar"),
    _other("Kolkata", "West Bengal", "7000", "Salt Lake|Behala|Garia"),
    _other("Lucknow", "Uttar Pradesh", "2260", "Gomti Nagar|Aliganj|Alambagh"),
    _other("Kanpur", "Uttar Pradesh", "2080", "Kidwai Nagar|Govind Nagar"),
    _other("Agra", "Uttar Pradesh", "2820", "Delhi Gate|Dayalbagh|Shahganj"),
    _other("Meerut", "Uttar Pradesh", "2500", "Delhi Road|Shastri Nagar|Pallavpuram"),
    _other("Patna", "Bihar", "8000", "Kankarbagh|Boring Road|Rajendra Nagar"),
    _other("Gaya", "Bihar", "8230", "Delha|Civil Lines"),
    _other("Jaipur", "Rajasthan", "3020", "Mansarovar|Malviya Nagar|Vaishali Nagar"),
    _other("Jodhpur", "Rajasthan", "3420", "Sardarpura|Shastri Nagar"),
    _other("Ahmedabad", "Gujarat", "3800", "Maninagar|Vastral|Naroda"),
    _other("Surat", "Gujarat", "3950", "Udhna|Varachha|Katargam"),
    _other("Bhopal", "Madhya Pradesh", "4620", "Kolar Road|Arera Colony"),
    _other("Indore", "Madhya Pradesh", "4520", "Vijay Nagar|Rajwada"),
    _other("Chandigarh", "Chandigarh", "1600", "Sector 22|Manimajra"),
    _other("Ludhiana", "Punjab", "1410", "Model Town|Dugri"),
    _other("Dehradun", "Uttarakhand", "2480", "Rajpur Road|Clement Town"),
    _other("Ranchi", "Jharkhand", "8340", "Kanke Road|Hinoo"),
    _other("Guwahati", "Assam", "7810", "Dispur|Maligaon"),
    _other("Kochi", "Kerala", "6820", "Edappally|Kaloor"),
    _other("Bhubaneswar", "Odisha", "7510", "Patia|Khandagiri"),
    _other("Srinagar", "Jammu and Kashmir", "1900", "Rajbagh|Hazratbal"),
)
LOOK_ALIKE_SHARE = 0.28  # of reports that belong to another State

ABROAD = (
    ("Kathmandu", "Bagmati", "NP"),
    ("Dhaka", "Dhaka Division", "BD"),
    ("Dubai", "Dubai", "AE"),
    ("Toronto", "Ontario", "CA"),
    ("Singapore", "", "SG"),
    ("Birmingham", "England", "GB"),
)

STREETS = ("Gali No. {n}", "Street No. {n}", "Main Road", "{n} Foota Road", "Mandir Wali Gali", "")
BLOCKS = ("Block {b}", "Pocket {b}", "{b}-Block", "Phase {n}", "")
HOUSES = ("H.No. {h}", "{b}-{h}", "House No {h}", "Flat {h}, 2nd Floor", "{h}/{n}", "RZ-{h}")
LANDMARKS = (
    "near Metro Station",
    "opp. Govt School",
    "near Shiv Mandir",
    "behind Petrol Pump",
    "near Jama Masjid Wali Gali",
    "near Mother Dairy",
    "",
    "",
    "",
)
DELHI_SPELLINGS = (
    "Delhi",
    "New Delhi",
    "Delhi",
    "New Delhi",
    "NEW DELHI",
    "delhi",
    "N. Delhi",
    "Dehli",
    "दिल्ली",
    "नई दिल्ली",
)
DELHI_STATES = ("Delhi", "Delhi", "DL", "NCT of Delhi", "National Capital Territory of Delhi", "")
COUNTRIES = ("IN", "IN", "IN", "")

MISSPELT_SHARE = 0.22  # of localities that are written in another way than in the gazetteer
MISSPELLINGS = (
    ("Nagar", "Ngr"),
    ("Nagar", "Nager"),
    ("Enclave", "Encl"),
    ("Vihar", "Bihar"),
    ("Extension", "Extn."),
    ("Puri", " Puri"),
    ("Park", "Pk"),
    ("Colony", "Coloni"),
    ("ee", "i"),
    ("oo", "u"),
    ("aa", "a"),
    ("sh", "s"),
    ("ll", "l"),
    ("w", "v"),
)


@lru_cache(maxsize=4)
def delhi_places(folder: Path = GAZETTEER) -> tuple[DelhiPlace, ...]:
    """Localities whose station is known well enough to serve as truth."""
    territorial = {
        row["code"] for row in _rows(folder / "districts.csv") if row["kind"] == "territorial"
    }
    places = {
        DelhiPlace(_plain(row["locality"]), row["pin"], row["ps_code"], row["district_code"])
        for row in _rows(folder / "pincodes.csv")
        if row["coord_flag"] == "ok"
        and row["confidence"] != "low"
        and row["district_code"] in territorial
        and float(row["edge_m"] or 0) >= INSIDE_METRES
    }
    named = {
        row["ps_code"]
        for row in _rows(folder / "localities.csv")
        if row["kind"] == "station name" and row["confidence"] != "low"
    }
    places |= {
        DelhiPlace(row["name"], row["pin"], row["code"], row["district_code"])
        for row in _rows(folder / "police_stations.csv")
        if row["code"] in named and row["pin"] and row["district_code"] in territorial
    }
    return tuple(sorted(places, key=lambda place: (place.station_code, place.locality, place.pin)))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _plain(locality: str) -> str:
    """Drop what post offices add to a locality's name ("SO South Delhi", "PO")."""
    name = locality.split(" SO ")[0].removesuffix(" PO")
    return " ".join(name.split())


def make_delhi_place(rng: Random, places: tuple[DelhiPlace, ...]) -> MadePlace:
    place = rng.choice(places)
    return MadePlace(
        text=_street_address(rng, misspell(rng, place.locality)),
        city=rng.choice(DELHI_SPELLINGS),
        pin=_pin_spelling(rng, place.pin),
        state=rng.choice(DELHI_STATES),
        country="IN",
        district_code=place.district_code,
        station_code=place.station_code,
        locality=place.locality,
    )


def make_other_place(rng: Random) -> MadePlace:
    table = LOOK_ALIKES if rng.random() < LOOK_ALIKE_SHARE else FARTHER
    place = rng.choice(table)
    locality = rng.choice(place.localities)
    return MadePlace(
        text=_street_address(rng, misspell(rng, locality)),
        city=place.city,
        pin=_pin_spelling(rng, place.pin_stem + f"{rng.randrange(1, 20):02d}"),
        state=place.state,
        country="IN",
        locality=locality,
    )


def make_place_abroad(rng: Random) -> MadePlace:
    city, region, country = rng.choice(ABROAD)
    return MadePlace(city=city, state=region, country=country)


def misspell(rng: Random, locality: str) -> str:
    """The locality as people write it: mostly right, sometimes shortened or misheard."""
    if rng.random() >= MISSPELT_SHARE:
        return locality
    right, written = rng.choice(MISSPELLINGS)
    if right in locality:
        return locality.replace(right, written, 1)
    return rng.choice((locality.upper(), locality.lower(), locality.replace(" ", "")))


def _street_address(rng: Random, locality: str) -> str:
    draw = {"h": rng.randrange(1, 480), "n": rng.randrange(1, 30), "b": rng.choice("ABCDEFGHJK")}
    parts = (
        rng.choice(HOUSES).format(**draw),
        rng.choice(STREETS).format(**draw),
        rng.choice(BLOCKS).format(**draw),
        locality,
        rng.choice(LANDMARKS),
    )
    return ", ".join(part for part in parts if part)


def _pin_spelling(rng: Random, pin: str) -> str:
    return f"{pin[:3]} {pin[3:]}" if rng.random() < 0.06 else pin
