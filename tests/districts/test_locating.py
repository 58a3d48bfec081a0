"""The locator on a made-up gazetteer, with the real States and cities."""

import subprocess
import sys
from typing import Any

import pytest

from districts.against import against
from districts.answering import Answer, answer_of
from districts.evidence import Evidence, Outcome
from districts.locating import SHARE_AT_MOST, Location, locate
from districts.rules import EvidenceKind
from tests.districts.made import AREAS, NORTH_POINT, make_gazetteer, place

GAZETTEER = make_gazetteer()
WITH_AREAS = make_gazetteer(areas=AREAS)
DECLARED = EvidenceKind.DECLARED_ADDRESS


def found(*, kind: EvidenceKind = DECLARED, **fields: Any) -> Location:
    return locate([Evidence(kind=kind, **fields)], GAZETTEER)


def codes(location: Location) -> set[str]:
    return {reason.code for reason in location.reasons}


def share_of(location: Location, station: str) -> float:
    return next((c.share for c in location.candidates if c.station_code == station), 0.0)


@pytest.mark.parametrize(
    ("fields", "station", "reason"),
    [
        pytest.param({"postal_code": "110081"}, "AAA-AMRAIPUR", "pin-stations", id="PIN only"),
        pytest.param(
            {"text": "12 Gali 4, Delhi 110 081"}, "AAA-AMRAIPUR", "pin-stations", id="set apart"
        ),
        pytest.param({"text": "House 5, Delhi-81"}, "AAA-AMRAIPUR", "pin-stations", id="short PIN"),
        pytest.param(
            {"text": "A-4, Kesar Bagh", "postal_code": "110081"},
            "AAA-BELGRAM",
            "locality-name",
            id="locality sharpens within the PIN",
        ),
        pytest.param(
            {"text": "Pocket 3, Sec-7, Padminee, New Delhi"},
            "AAA-AMRAIPUR",
            "locality-name",
            id="sector, pocket and colony",
        ),
        pytest.param(
            {"text": "Dvarika Encl., N. Delhi"}, "BBB-CHITRAKUND", "locality-name", id="spelling"
        ),
        pytest.param(
            {"text": "Dwarijka Enclave, Delhi"}, "BBB-CHITRAKUND", "locality-like", id="one slip"
        ),
        pytest.param({"text": "केसर बाग, दिल्ली"}, "AAA-BELGRAM", "locality-name", id="Devanagari"),
        pytest.param(
            {"city": "Kesar Bagh"}, "AAA-BELGRAM", "locality-name", id="in the city field"
        ),
        pytest.param(
            {"text": "Gali 2, PS Devsar, Delhi"},
            "BBB-DEVSAR",
            "station-stated",
            id="station stated",
        ),
    ],
)
def test_an_address_in_delhi_is_ranked(fields: dict[str, Any], station: str, reason: str) -> None:
    location = found(**fields)

    assert location.outcome is Outcome.DELHI
    assert location.best is not None
    assert location.best.station_code == station
    assert reason in codes(location)
    assert location.gazetteer_version == 7


@pytest.mark.parametrize(
    ("fields", "state", "reason"),
    [
        pytest.param({"postal_code": "400053"}, "Maharashtra", "pin-other-district", id="PIN"),
        pytest.param(
            {"postal_code": "249999"}, "Uttarakhand", "pin-other-state", id="not in the directory"
        ),
        pytest.param({"text": "Ward 3, Kendrapara"}, "Odisha", "city-named", id="district's name"),
        pytest.param({"city": "Mumbai", "state": "MH"}, "Maharashtra", "city-named", id="city"),
        pytest.param(
            {"text": "Model Town, Ludhiana"}, "Punjab", "city-named", id="our name, their city"
        ),
        pytest.param(
            {"text": "12 Mall Road, Meerut, UP"}, "Uttar Pradesh", "state-named", id="short"
        ),
        pytest.param(
            {"text": "Delhi Road, Meerut"}, "Uttar Pradesh", "city-named", id="Delhi Road"
        ),
        pytest.param({"text": "सेक्टर 62, नोएडा"}, "Uttar Pradesh", "near-delhi-city", id="Hindi"),
        pytest.param({"text": "Patna", "state": "बिहार"}, "Bihar", "state-named", id="Hindi State"),
        pytest.param(
            {"postal_code": "247667"}, "Uttarakhand", "pin-other-district", id="over the border"
        ),
    ],
)
def test_an_address_elsewhere_names_its_state(
    fields: dict[str, Any], state: str, reason: str
) -> None:
    location = found(**fields)

    assert location.outcome is Outcome.OTHER_STATE
    assert location.state_name == state
    assert not location.candidates
    assert reason in codes(location)


@pytest.mark.parametrize(
    "city",
    [
        "Ghaziabad",
        "Noida",
        "Greater Noida",
        "Gurugram",
        "Gurgaon",
        "Faridabad",
        "Bahadurgarh",
        "Sonipat",
    ],
)
@pytest.mark.parametrize("written", ["{}, New Delhi", "Sector 7, {}, Delhi NCR", "{}"])
def test_cities_beside_delhi_are_never_delhi(city: str, written: str) -> None:
    location = found(text=written.format(city))

    assert location.outcome is Outcome.OTHER_STATE
    assert "near-delhi-city" in codes(location)


def test_a_city_beside_delhi_with_a_delhi_pin_is_left_to_an_officer() -> None:
    location = found(text="Noida, New Delhi", city="Delhi", postal_code="110081")

    assert location.outcome is Outcome.CANNOT_SAY
    assert "claims-conflict" in codes(location)


@pytest.mark.parametrize("text", ["Noida Link Road, Kesar Bagh, Delhi", "Bihar Bhawan, New Delhi"])
def test_a_road_or_house_named_after_another_place_stays_in_delhi(text: str) -> None:
    assert found(text=text).outcome is Outcome.DELHI


@pytest.mark.parametrize(
    ("text", "station"),
    [
        pytest.param("Padmini Sector 9, Delhi", "AAA-BELGRAM", id="sector"),
        pytest.param("Pocket 4, Sec-07, Padmini, Delhi", "AAA-AMRAIPUR", id="leading zero"),
        pytest.param("Padmini, Block C, Delhi", "AAA-BELGRAM", id="block"),
        pytest.param("C-4/12, Padmini, Delhi", "AAA-BELGRAM", id="block by the house"),
        pytest.param(
            "General Hospital of Amraipur, Delhi", "AAA-AMRAIPUR", id="another name of a place"
        ),
        pytest.param("Pipal Mor, Delhi", "BBB-DEVSAR", id="bus stop"),
        pytest.param(
            "Girls School, Padmini, Sector 9, Delhi", "AAA-BELGRAM", id="another's school"
        ),
        pytest.param("Near Girls School, Padmini Sector 9", "AAA-BELGRAM", id="beside one"),
        pytest.param("Delhi Museum of Boats", "BBB-DEVSAR", id="it begins with Delhi"),
        pytest.param("Opposite KLM, Delhi", "BBB-DEVSAR", id="three initials"),
        pytest.param("12 Deepak Delhi, New Delhi", "BBB-CHITRAKUND", id="it ends with Delhi"),
        pytest.param("4 Anand Parbat", "BBB-DEVSAR", id="it begins with a city of Gujarat"),
        pytest.param("Sonapat Chandpur, Delhi", "BBB-DEVSAR", id="a longer name misspelt"),
        pytest.param("Mehtab Khurd, Suraj Garh", "BBB-CHITRAKUND", id="village and post town"),
        pytest.param("Kesar Bagh Silver School, KLM", "BBB-DEVSAR", id="called after a place"),
    ],
)
def test_parts_and_other_names_are_understood(text: str, station: str) -> None:
    best = found(text=text).best

    assert best is not None
    assert best.station_code == station


def test_a_landmark_is_where_it_is_and_not_where_its_bus_stops() -> None:
    known = GAZETTEER.names["lotushospitalpadminisector7"]

    assert set(known.spread) == {"AAA-AMRAIPUR"}


def test_a_place_known_from_a_report_is_said_to_be_there() -> None:
    location = found(text="Silver Cinema, Delhi")

    assert location.best is not None
    assert location.best.station_code == "BBB-DEVSAR"
    assert "reported-name" in codes(location)
    assert [reason.code for reason in location.best.reasons] == ["reported-under"]
    other = against(location.candidates)[1]
    assert [reason.code for reason in other] == ["reported-elsewhere"]


def test_a_part_of_an_unknown_name_says_less_than_the_name() -> None:
    whole, part = (
        share_of(found(text=f"House 4, {name}, Delhi"), "AAA-BELGRAM")
        for name in ("Kesar Bagh", "Kesar Bagh Silver Works")
    )

    assert part < whole


def test_a_namesake_far_from_the_pin_is_not_the_place() -> None:
    best = found(text="4 Kesar Bagh, Delhi 110001").best

    assert best is not None
    assert best.station_code in {"BBB-CHITRAKUND", "BBB-DEVSAR"}


@pytest.mark.parametrize(
    ("text", "station"),
    [
        pytest.param("Lotus Hospital, Mehtab Khurd, Delhi", "BBB-CHITRAKUND", id="a namesake"),
        pytest.param("Lotus Hospital, Kesar Bagh, Delhi", "AAA-AMRAIPUR", id="the one near by"),
        pytest.param("near Pipal Mor, Mehtab Khurd", "BBB-CHITRAKUND", id="a landmark"),
    ],
)
def test_the_colony_decides_where_an_institution_is_far_or_only_near(
    text: str, station: str
) -> None:
    gazetteer = make_gazetteer(more_places=[place("Lotus Hospital", "AAA-AMRAIPUR")])
    evidence = Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text=text)
    best = locate([evidence], gazetteer).best

    assert best is not None
    assert best.station_code == station


def test_a_long_road_says_less_than_a_locality() -> None:
    shares = [
        share_of(found(text=f"House 4, {name}, Delhi"), "BBB-DEVSAR")
        for name in ("Tamra Marg", "KLM")
    ]

    assert 0 < shares[0] < shares[1]


def test_a_house_called_after_a_district_of_another_state_stays_in_delhi() -> None:
    assert found(text="Nirmal Dham, Kesar Bagh, Delhi").outcome is Outcome.DELHI
    for elsewhere in (
        "Gandhi Chowk, Nirmal",
        "Kesar Bagh, Delhi Darwaza, Nirmal",
        "Hotel New Delhi Palace, Nirmal",
        "Nirmal, near Delhi Highway, Telangana",
    ):
        assert found(text=elsewhere).outcome is Outcome.OTHER_STATE, elsewhere


def test_a_shop_that_begins_with_the_name_of_a_district_stays_where_it_is() -> None:
    assert found(text="Nirmal Super Mart, Kesar Bagh").outcome is Outcome.DELHI
    for elsewhere in ("Kesar Bagh Nirmal Bhainsa", "Nirmal Town, Kesar Bagh"):
        assert found(text=elsewhere).outcome is Outcome.OTHER_STATE, elsewhere


def test_what_a_station_is_called_otherwise_is_its_locality_too() -> None:
    names = make_gazetteer(
        aliases=[("Bel Gaon", "AAA-BELGRAM"), ("Dev Gaon", "BBB-DEVSAR")],
        more_places=[place("Belgram", "AAA-BELGRAM", kind="locality")],
    ).names

    assert not names["belgaon"].is_station_name_only
    assert names["belgaon"].spread == names["belgram"].spread
    assert names["devgaon"].is_station_name_only  # no place is called Devsar


def test_a_district_that_is_named_says_where() -> None:
    assert share_of(found(text="Gali 4, North District, Delhi"), "AAA-BELGRAM") > 0


def test_a_place_that_may_be_delhis_is_ranked_and_not_assigned() -> None:
    location = found(text="Keser Bagh lane 13")

    assert location.outcome is Outcome.CANNOT_SAY
    assert location.best is not None
    assert location.best.station_code == "AAA-BELGRAM"
    assert answer_of(location).answer is Answer.REVIEW


def test_what_every_quarter_has_names_no_place() -> None:
    assert found(text="Hanuman Mandir, Delhi").best is None


def test_a_sector_that_is_not_known_makes_less_sure() -> None:
    known = found(text="Padmini Sector 9, Delhi")
    unknown = found(text="Padmini Sector 11, Delhi")

    assert known.best is not None
    assert unknown.best is not None
    assert unknown.best.share < known.best.share


def test_two_houses_are_no_pin() -> None:
    location = found(text="J-201 202, Kesar Bagh")

    assert location.outcome is Outcome.DELHI
    assert found(text="Model Town 201 202").outcome is Outcome.OTHER_STATE


def test_a_part_of_delhi_names_districts() -> None:
    location = found(text="Gali 4, North Delhi")

    assert location.best is not None
    assert location.best.district_code == "AAA"


def test_another_country_is_abroad_whatever_else_is_said() -> None:
    location = found(country="US", city="Delhi", postal_code="110081")

    assert location.outcome is Outcome.ABROAD
    assert not location.candidates


@pytest.mark.parametrize("text", ["Model Town, Lahore", "Kesar Bagh, Kathmandu, Nepal"])
def test_a_place_abroad_that_shares_a_name_is_abroad(text: str) -> None:
    location = found(text=text)

    assert location.outcome is Outcome.ABROAD
    assert "place-abroad" in codes(location)


@pytest.mark.parametrize("country", ["", "IN", "IND", "India", "भारत"])
def test_india_is_not_abroad(country: str) -> None:
    assert found(country=country, postal_code="110081").outcome is Outcome.DELHI


@pytest.mark.parametrize("kind", [EvidenceKind.IP_LOOKUP, EvidenceKind.PROVIDER_ESTIMATE])
def test_coarse_evidence_says_delhi_or_not_and_never_a_station(kind: EvidenceKind) -> None:
    lat, lon = NORTH_POINT
    inside = locate(
        [Evidence(kind=kind, city="New Delhi", postal_code="110081", lat=lat, lon=lon)], WITH_AREAS
    )
    outside = locate([Evidence(kind=kind, city="Pune")], WITH_AREAS)

    assert (inside.outcome, inside.candidates) == (Outcome.DELHI, ())
    assert "coarse-kind" in codes(inside)
    assert outside.outcome is Outcome.OTHER_STATE


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        pytest.param([], "nothing-said", id="no evidence"),
        pytest.param([Evidence(kind=DECLARED)], "nothing-said", id="an empty piece"),
        pytest.param(
            [Evidence(kind=DECLARED, text="hello \x00 42")], "nothing-said", id="no place"
        ),
        pytest.param([Evidence(kind=DECLARED, text="Model Town")], "too-little", id="common name"),
        pytest.param(
            [Evidence(kind=DECLARED, postal_code="999999")], "too-little", id="no such PIN"
        ),
        pytest.param([Evidence(kind=DECLARED, city="Delhi NCR")], "nothing-said", id="the region"),
    ],
)
def test_too_little_is_not_guessed(pieces: list[Evidence], reason: str) -> None:
    location = locate(pieces, GAZETTEER)

    assert location.outcome is Outcome.CANNOT_SAY
    assert reason in codes(location)


def test_a_locality_against_the_pin_lowers_the_share_and_is_said() -> None:
    agreeing = found(text="Dwarika Enclave", postal_code="110001")
    conflicting = found(text="Dwarika Enclave", postal_code="110081")

    assert "locality-against-pin" in codes(conflicting)
    assert "locality-against-pin" not in codes(agreeing)
    best = "BBB-CHITRAKUND"
    assert share_of(conflicting, best) < share_of(agreeing, best)
    assert len(conflicting.district_shares) == 2


def test_a_station_name_alone_does_not_decide() -> None:
    location = found(text="Belgram, Delhi")

    assert "station-name-only" in codes(location)
    assert answer_of(location).answer is Answer.REVIEW


def test_two_addresses_in_two_districts_share_and_say_so() -> None:
    location = locate(
        [
            Evidence(kind=EvidenceKind.BILLING_ADDRESS, text="Kesar Bagh, Delhi 110081"),
            Evidence(kind=DECLARED, text="Dwarika Enclave, Delhi 110001"),
        ],
        GAZETTEER,
    )

    assert "pieces-disagree" in codes(location)
    assert location.best is not None
    assert location.best.station_code == "AAA-BELGRAM"
    assert location.best.share < 0.6


def test_many_lookups_do_not_outvote_one_declared_address() -> None:
    pieces = [Evidence(kind=EvidenceKind.IP_LOOKUP, city="Mumbai", country="IN")] * 50
    pieces.append(Evidence(kind=DECLARED, text="Kesar Bagh, Delhi 110081"))

    location = locate(pieces, GAZETTEER)

    assert location.outcome is Outcome.DELHI
    assert "claims-outweighed" in codes(location)


@pytest.mark.parametrize(
    ("lat", "lon", "outcome", "station"),
    [
        pytest.param(28.72, 77.10, Outcome.DELHI, "AAA-AMRAIPUR", id="in the middle of an area"),
        pytest.param(28.72, 77.1199, Outcome.DELHI, "AAA-AMRAIPUR", id="near a limit"),
        pytest.param(28.74015, 77.10, Outcome.DELHI, "AAA-AMRAIPUR", id="on a sliver"),
        pytest.param(28.742, 77.10, Outcome.CANNOT_SAY, None, id="just outside"),
        pytest.param(28.80, 77.10, Outcome.OTHER_STATE, None, id="well outside"),
        pytest.param(51.5, -0.12, Outcome.ABROAD, None, id="abroad"),
    ],
)
def test_a_point_is_placed_by_areas(
    lat: float, lon: float, outcome: Outcome, station: str | None
) -> None:
    evidence = Evidence(kind=EvidenceKind.DEVICE_POINT, lat=lat, lon=lon)

    location = locate([evidence], WITH_AREAS)

    assert location.outcome is outcome
    assert (location.best.station_code if location.best else None) == station


def test_a_point_near_a_limit_is_less_sure_than_one_in_the_middle() -> None:
    middle, edge = (
        locate([Evidence(kind=EvidenceKind.DEVICE_POINT, lat=28.72, lon=lon)], WITH_AREAS)
        for lon in (77.10, 77.1199)
    )

    assert share_of(edge, "AAA-AMRAIPUR") < share_of(middle, "AAA-AMRAIPUR")


def test_without_areas_a_point_goes_by_named_places() -> None:
    near = found(kind=EvidenceKind.DEVICE_POINT, lat=28.7215, lon=77.1405)
    between = found(kind=EvidenceKind.DEVICE_POINT, lat=28.735, lon=77.1405)
    far = found(kind=EvidenceKind.DEVICE_POINT, lat=28.9, lon=77.5)

    assert near.best is not None
    assert near.best.station_code == "AAA-BELGRAM"
    assert between.outcome is Outcome.CANNOT_SAY
    assert far.outcome is Outcome.OTHER_STATE


def test_a_newer_station_is_pointed_out() -> None:
    evidence = Evidence(kind=EvidenceKind.DEVICE_POINT, lat=28.60, lon=77.24)

    location = locate([evidence], WITH_AREAS)

    assert "newer-station" in codes(location)


def test_no_share_claims_certainty() -> None:
    location = found(text="PS Amraipur, Padmini Sector 7, Amraipur, Delhi", postal_code="110081")

    assert location.best is not None
    assert location.best.share <= SHARE_AT_MOST


def test_the_same_evidence_gives_the_same_answer_in_any_order() -> None:
    pieces = [
        Evidence(kind=EvidenceKind.BILLING_ADDRESS, text="Kesar Bagh, Delhi 110081"),
        Evidence(kind=DECLARED, text="Lalkothi, Delhi"),
        Evidence(kind=EvidenceKind.IP_LOOKUP, city="Pune"),
    ]

    forward, backward = locate(pieces, GAZETTEER), locate(pieces[::-1], GAZETTEER)

    assert forward.outcome is backward.outcome
    assert [c.station_code for c in forward.candidates] == [
        c.station_code for c in backward.candidates
    ]


def test_the_rule_needs_no_django() -> None:
    script = (
        "import sys; import districts.locating, districts.reference;"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django']"
    )

    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 - our own text


def test_a_shared_name_means_what_is_said_of_it_whatever_its_places_say() -> None:
    shared = (("AAA-AMRAIPUR", 0.5), ("BBB-DEVSAR", 0.4))
    gazetteer = make_gazetteer(
        more_places=[
            place(name, station, kind="shared", share=share)
            for name in ("Kesar Bagh", "Moti Darwaza")
            for station, share in shared
        ]
    )

    for name in ("Kesar Bagh", "Moti Darwaza"):
        location = locate([Evidence(kind=DECLARED, text=f"{name}, Delhi")], gazetteer)
        assert gazetteer.names["".join(name.lower().split())].spread == dict(shared)
        assert {each.station_code for each in location.candidates[:2]} == dict(shared).keys()
        assert answer_of(location).answer is Answer.REVIEW


def test_of_a_place_in_another_the_narrower_one_says_where() -> None:
    location = found(text="मॉडल टाउन के केसर बाग")

    assert location.candidates[0].station_code == "AAA-BELGRAM"
