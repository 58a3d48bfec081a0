"""How the text of an address is read: names, blocks, commas and what is only alike."""

import pytest

from districts.addresses import read_address
from districts.found import Manner
from tests.districts.made import make_gazetteer, place

GAZETTEER = make_gazetteer()


def found_names(text: str) -> list[str]:
    reading = read_address(text, GAZETTEER, trust_codes=True)
    return [each.known.name for each in reading.names]


def test_a_block_after_a_comma_makes_no_name_with_what_stands_before() -> None:
    named = ", ".join(found_names("299 West Block, Padmini Sector 7"))
    apart = ", ".join(found_names("299 West, Block A, Padmini Sector 7"))

    assert (named, apart) == ("Padmini Sector 7, West Block", "Padmini Sector 7")


def test_commas_part_what_is_read() -> None:
    road, plain = (
        read_address(f"Kesar Bagh{comma} road to the ghat", GAZETTEER, trust_codes=True).names[0]
        for comma in ("", ",")
    )

    assert (road.manner, plain.manner) == (Manner.ROAD, Manner.AS_LISTED)


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        pytest.param("near Kesar Bagh", Manner.BESIDE, id="near"),
        pytest.param("near, Kesar Bagh", Manner.AS_LISTED, id="near what is not named"),
        pytest.param("केसर बाग के पास", Manner.BESIDE, id="near, in Hindi"),
        pytest.param("मंदिर के पास केसर बाग", Manner.OTHER_SPELLING, id="near something else"),
        pytest.param("near Gate 2 of Kesar Bagh", Manner.BESIDE, id="near a part of it"),
        pytest.param("Gate 2 of Kesar Bagh", Manner.AS_LISTED, id="a part of it"),
        pytest.param("Kesar Bagh's lane number 13", Manner.AS_LISTED, id="possessive"),
    ],
)
def test_how_a_name_stands_in_the_text(text: str, manner: Manner) -> None:
    names = read_address(text, GAZETTEER, trust_codes=True).names

    assert [(each.known.name, each.manner) for each in names] == [("Kesar Bagh", manner)]


def test_a_narrower_place_misspelt_is_found_before_a_known_one() -> None:
    near = found_names("Dwarika Enclavo, Mehtab Khurd, Delhi")
    far = found_names("Dwarika Enclavo, Kesar Bagh, Delhi")

    assert (near, far) == (["Dwarika Enclave", "Mehtab Khurd"], ["Kesar Bagh"])


@pytest.mark.parametrize(
    ("text", "region"),
    [
        pytest.param("Gali 4, North Delhi", "northdelhi", id="a part of Delhi"),
        pytest.param("Gali 4 North, Delhi", "", id="parted by a comma"),
        pytest.param("Kesar Bagh North Delhi", "", id="the end of a name"),
    ],
)
def test_what_parts_of_delhi_are_called(text: str, region: str) -> None:
    gazetteer = make_gazetteer(more_places=[place("Kesar Bagh North", "AAA-BELGRAM")])

    assert read_address(text, gazetteer, trust_codes=True).region == region


def test_a_block_of_one_phase_is_not_that_of_another() -> None:
    assert found_names("D Block, Padmini Phase 2") == ["D Block Padmini Phase 2"]
    assert found_names("D Block, Padmini Phase 1") == ["Padmini"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Dwarijka Enclave", ["Dwarika Enclave"], id="a slip in the own part"),
        pytest.param("Dwar Enclave", [], id="alike by what many names have"),
        pytest.param("Padmini H Block", [], id="another block"),
        pytest.param("Check Post, Delhi", [], id="common words"),
        pytest.param("s/o Bhagat Singh, Delhi", [], id="a person"),
    ],
)
def test_a_name_is_like_another_by_its_own_part(text: str, names: list[str]) -> None:
    gazetteer = make_gazetteer(
        more_places=[
            place("Padmini B Block", "AAA-AMRAIPUR", at=(28.721, 77.102)),
            place("Check Post", "BBB-DEVSAR", kind="bus stop", at=(28.6, 77.247)),
            place("Bhagat Singh Market", "BBB-DEVSAR", kind="market", at=(28.6, 77.248)),
        ]
    )
    reading = read_address(text, gazetteer, trust_codes=True)

    found = [each.known.name for each in reading.names if each.manner is Manner.LIKE]
    other = [each.known.name for each in reading.names if each.manner is not Manner.LIKE]
    assert found == [name for name in names if name not in other]
    assert {"Padmini B Block", "Check Post", "Bhagat Singh"}.isdisjoint(other)


@pytest.mark.parametrize(
    ("text", "station"),
    [
        pytest.param("PS Amraipur, Delhi", "AAA-AMRAIPUR", id="before"),
        pytest.param("Amraipur police station area, Delhi", "AAA-AMRAIPUR", id="after"),
        pytest.param("Chitrakund thana", "BBB-CHITRAKUND", id="after, thana"),
        pytest.param("Belgram में, थाना Amraipur", "AAA-AMRAIPUR", id="not what stands before"),
        pytest.param("Kesar Bagh, police station road", "", id="of no name"),
    ],
)
def test_a_station_is_named_before_its_word_or_after(text: str, station: str) -> None:
    assert read_address(text, GAZETTEER, trust_codes=True).stated_station == station


def test_a_place_may_own_what_lies_in_it_and_a_person_owns_nothing() -> None:
    around, inner = sorted(
        read_address("Kesar Bagh's Dwarika Enclave", GAZETTEER, trust_codes=True).names,
        key=lambda found: found.start,
    )

    assert (around.known.name, around.is_around) == ("Kesar Bagh", True)
    assert (inner.known.name, inner.is_around) == ("Dwarika Enclave", False)
    assert found_names("General Raj's School, Dwarika Enclave") == ["Dwarika Enclave"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Prem Gali, Mehtab Khurd", id="as listed"),
        pytest.param("Prem Gali in Mehtab Khurd", id="in"),
        pytest.param("Mehtab Khurd's Prem Gali", id="possessive"),
        pytest.param("मेहताब खुर्द स्थित प्रेम गली", id="Hindi"),
        pytest.param("मेहताब खुर्द इलाके की प्रेम गली", id="Hindi, area"),
    ],
)
def test_a_name_with_its_colony_is_read_however_it_is_turned(text: str) -> None:
    gazetteer = make_gazetteer(
        more_places=[
            place("Prem Gali", "AAA-BELGRAM"),
            place("Prem Gali Mehtab Khurd", "BBB-CHITRAKUND", at=(28.603, 77.215)),
        ]
    )
    names = read_address(text, gazetteer, trust_codes=True).names

    assert "Prem Gali Mehtab Khurd" in [each.known.name for each in names]
    assert "Prem Gali" not in [each.known.name for each in names]


def test_what_belongs_to_another_name_makes_none_with_a_colony() -> None:
    gazetteer = make_gazetteer(
        more_places=[place("Public School Mehtab Khurd", "BBB-CHITRAKUND", at=(28.603, 77.215))]
    )
    text = "Saint Xavier Public School, First Floor, Mehtab Khurd"
    reading = read_address(text, gazetteer, trust_codes=True)

    assert [each.known.name for each in reading.names] == ["Mehtab Khurd"]


@pytest.mark.parametrize(
    ("text", "region", "names"),
    [
        pytest.param(
            "North district, Kesar Bagh", "northdistrict", ["Kesar Bagh"], id="a district"
        ),
        pytest.param("Belgram district ke Kesar Bagh", "belgramdistrict", ["Kesar Bagh"], id="of"),
        pytest.param("Belgram District Court", "", ["Belgram"], id="an office of it"),
    ],
)
def test_a_district_of_the_police_is_no_colony(text: str, region: str, names: list[str]) -> None:
    gazetteer = make_gazetteer(more_regions={"belgram district": {"AAA": 1.0}})
    reading = read_address(text, gazetteer, trust_codes=True)

    assert reading.region == region
    assert [each.known.name for each in reading.names] == names


def test_a_fathers_name_is_no_place() -> None:
    assert found_names("Ram, S/o Sh. Kesar Bagh, R/o Dwarika Enclave") == ["Dwarika Enclave"]


def test_initials_are_not_made_of_words() -> None:
    assert found_names("KLM, Delhi") == found_names("K. L. M., Delhi") == ["KLM"]
    assert found_names("KL M Flats, Delhi") == []
